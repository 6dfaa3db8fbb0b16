import FirstFrameTesting
import Model
import Testing

@testable import Journal

@Suite("The quick look at a line's envelope")
struct EnvelopeScanTests {
  @Test("Whatever it accepts, it reads as the parser does; it accepts every line that the writer makes")
  func agrees() throws {
    var real: [[UInt8]] = []
    for (number, kind) in ["node.started", "verdict", "incident.opened"].enumerated() {
      real.append(
        JournalLine.bytes(
          node: "county", boot: "b0071d00-0000-4000-8000-000000000001", sequence: Int64(number) * 1_000_000_007 + 1,
          bootTime: BootTime(nanoseconds: Int64(number - 1) * 12_345_678_901), wall: "2026-11-22T10:37:46.123456789Z", kind: kind,
          previous: JournalLine.zeroHash.replacing("0", with: String(number)), body: try JournalLine.body(kind: kind, fields: ["a": "\"}\\"])))
    }
    for line in real {
      let scan = try #require(EnvelopeScan(line))
      let fact = try JournalLine.parse(line)
      #expect(scan.sequence == fact.sequence)
      #expect(String(decoding: scan.previous, as: UTF8.self) == fact.previous)
    }
    var random = Mutator(seed: 21)
    var accepted = 0
    for round in 0..<4000 {
      let mutant = random.mutate(real[round % 3], with: real[(round + 1) % 3])
      guard let scan = EnvelopeScan(mutant), let fact = try? JournalLine.parse(mutant) else { continue }
      accepted += 1
      #expect(scan.sequence == fact.sequence)
      #expect(String(decoding: scan.previous, as: UTF8.self) == fact.previous)
    }
    #expect(accepted > 100)
  }
}

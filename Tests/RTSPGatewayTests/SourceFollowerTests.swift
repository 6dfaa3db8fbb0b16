import Model
import Testing

@testable import RTSPGateway

@Suite("Which port of the peer is its own")
struct SourceFollowerTests {
  private static let start = BootTime(nanoseconds: 1_000_000_000)

  private struct Line {
    var follower = SourceFollower()

    /// One packet, milliseconds after the start.
    mutating func send(_ number: Int, from port: UInt16, at milliseconds: Int64, ssrc: UInt8 = 7, type: UInt8 = 96) -> SourceFollower.Verdict {
      let sequence = UInt16(truncatingIfNeeded: number)
      let packet: [UInt8] = [0x80, type, UInt8(sequence >> 8), UInt8(sequence & 255), 0, 0, 0, 0, 0, 0, 0, ssrc, UInt8(truncatingIfNeeded: number)]
      return packet.withUnsafeBytes { follower.receive($0, port: port, arrival: start + .milliseconds(milliseconds)) }
    }

    /// Packets in a row, 20 ms apart.
    mutating func send(_ numbers: Range<Int>, from port: UInt16, at milliseconds: Int64, ssrc: UInt8 = 7, type: UInt8 = 96) -> [SourceFollower
      .Verdict]
    {
      numbers.enumerated().map { send($1, from: port, at: milliseconds + Int64($0) * 20, ssrc: ssrc, type: type) }
    }
  }

  private func moved(_ verdicts: [SourceFollower.Verdict]) -> Int? { verdicts.firstIndex(of: .follow) }

  @Test("the first port is followed, and the sender to another one, with each packet that it sent from there; its sequence may wrap")
  func follows() {
    var line = Line()
    #expect(line.send(65_500..<65_530, from: 5000, at: 0).allSatisfy { $0 == .take })
    let verdicts = line.send(65_530..<65_570, from: 6000, at: 600)
    // The port before was silent for half a second 500 ms after its last packet, at 580 ms.
    #expect(moved(verdicts) == 24 && verdicts[..<24].allSatisfy { $0 == .leave } && verdicts[25...].allSatisfy { $0 == .take })
    #expect(line.follower.port == 6000)
  }

  @Test("what waited is handed over once, in order and with its own arrival")
  func held() {
    var line = Line()
    _ = line.send(100..<102, from: 5000, at: 0)
    #expect(moved(line.send(102..<107, from: 6000, at: 1000)) == 4)
    let held = line.follower.removeHeld()
    #expect(held.map { $0.bytes[12] } == [102, 103, 104, 105, 106])
    #expect(held.map(\.arrival) == (0..<5).map { Self.start + .milliseconds(1000 + $0 * 20) })
    #expect(line.follower.removeHeld().isEmpty)
  }

  @Test("packets lost on the way and some out of order do not hinder it, though the gap is long")
  func losses() {
    var line = Line()
    _ = line.send(0..<10, from: 5000, at: 0)
    let numbers = [20_000, 20_001, 20_003, 20_002, 20_004, 20_010]
    let verdicts = numbers.enumerated().map { line.send($1, from: 6000, at: 30_000 + Int64($0) * 20) }
    #expect(moved(verdicts) == 5)
    #expect(line.follower.removeHeld().count == 6)
  }

  @Test("while the sender goes on where it was, nobody takes its place, however well his packets fit")
  func stranger() {
    var line = Line()
    for round in 0..<200 {
      let at = Int64(round) * 40
      #expect(line.send(round * 10, from: 5000, at: at) == .take)
      // Ten guesses ahead between two of the sender's.
      #expect(line.send(round * 10 + 1..<round * 10 + 2, from: 6000, at: at + 1) == [.leave])
      for guess in 2..<9 { #expect(line.send(round * 10 + guess, from: 6000, at: at + Int64(guess)) == .leave) }
    }
    #expect(line.follower.port == 5000)
  }

  @Test(
    "packets of another source, of another payload type, from before, or all over the sequence do not fit, though the port is silent",
    arguments: ["ssrc", "type", "before", "scattered"])
  func misfits(what: String) {
    var line = Line()
    _ = line.send(1000..<1010, from: 5000, at: 0)
    let at: Int64 = 5000
    let verdicts =
      switch what {
      case "ssrc": line.send(1010..<1030, from: 6000, at: at, ssrc: 8)
      case "type": line.send(1010..<1030, from: 6000, at: at, type: 97)
      case "before": line.send(980..<1000, from: 6000, at: at)
      default: (0..<20).map { line.send(1010 + $0 * 100, from: 6000, at: at + Int64($0) * 20) }
      }
    #expect(verdicts.allSatisfy { $0 == .leave })
    #expect(line.send(1010, from: 5000, at: 9000) == .take)
  }

  @Test("what waits is bounded in bytes; too short a datagram is nobody's")
  func bounded() {
    var follower = SourceFollower()
    func packet(_ number: Int, count: Int) -> [UInt8] {
      [0x80, 96, UInt8(number >> 8 & 255), UInt8(number & 255)] + [UInt8](repeating: 0, count: count - 4)
    }
    _ = packet(1, count: 12).withUnsafeBytes { follower.receive($0, port: 5000, arrival: Self.start) }
    for number in 2..<1000 {
      let verdict = packet(number, count: 60_000).withUnsafeBytes { follower.receive($0, port: 6000, arrival: Self.start + .milliseconds(400)) }
      #expect(verdict == .leave)
    }
    let last = packet(1000, count: 60_000).withUnsafeBytes { follower.receive($0, port: 6000, arrival: Self.start + .milliseconds(500)) }
    #expect(last == .follow)
    #expect(follower.removeHeld().reduce(0) { $0 + $1.bytes.count } <= SourceFollower.heldBytes)
    let short: [UInt8] = [0x80, 96]
    #expect(short.withUnsafeBytes { follower.receive($0, port: 6000, arrival: Self.start) } == .leave)
  }
}

import Foundation
import Journal
import Measure
import Model
import Report
import Testing

@Suite("Two implementations that share no code", .serialized, .enabled(if: Script.isThere, "python3 runs scripts/recompute.py"))
struct AgreementTests {
  /// `FIRSTFRAME_SEEDS=200` for the long series.
  static let seeds = (0..<(ProcessInfo.processInfo.environment["FIRSTFRAME_SEEDS"].flatMap { UInt64($0) } ?? 8)).map { $0 + 1 }

  @Test("agree byte for byte on any journal with any samples", arguments: AgreementTests.seeds)
  func agree(seed: UInt64) async throws {
    let folder = try TemporaryFolder()
    try await MadeUpFolder.make(folder.path, seed: seed, steps: 160)
    let again = try RecomputedFolder(dataFolder: folder.path, sha256: MadeUpFolder.sha256)
    #expect(again.problems == [])
    let ours = again.recomputation.json.text
    let theirs = try Script.recompute(folder.path)
    #expect(theirs.errors == "")
    #expect(theirs.status == (again.recomputation.differences.isEmpty ? 0 : 1))
    let text = String(decoding: theirs.output, as: UTF8.self)
    let isSame = text == ours + "\n"
    #expect(isSame, "\(firstDifference(ours, text))")
    // A history without anything to disagree about would prove nothing.
    #expect(again.recomputation.windows.count > 10)
    #expect(again.recomputation.incidents.count > 2)
    #expect(again.recomputation.rates.connection.counts.denominator > 2)
    if !isSame, let keep = ProcessInfo.processInfo.environment["FIRSTFRAME_KEEP"] {
      try? FileManager.default.copyItem(atPath: folder.path, toPath: "\(keep)/seed-\(seed)")
      try? ours.write(toFile: "\(keep)/seed-\(seed)/ours.json", atomically: true, encoding: .utf8)
    }
  }

  private func firstDifference(_ a: String, _ b: String) -> String {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    let at = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
    func around(_ bytes: [UInt8]) -> String {
      String(decoding: bytes[max(0, min(at, bytes.count) - 300)..<min(bytes.count, at + 200)], as: UTF8.self)
    }
    return "byte \(at)\nours   …\(around(a))\ntheirs …\(around(b))"
  }
}

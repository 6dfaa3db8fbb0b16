import Foundation
import Testing

@Suite("scripts/test")
struct TestRunTests {
  @Test("runs every test target of the package")
  func runsAll() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let script = try String(contentsOf: root.appendingPathComponent("scripts/test"), encoding: .utf8)
    let words = Set(script.components(separatedBy: CharacterSet.alphanumerics.inverted))
    let folders = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Tests").path)
    let targets = folders.filter { $0.hasSuffix("Tests") }
    #expect(targets.count > 15)
    for target in targets.sorted() { #expect(words.contains(target), "scripts/test does not run \(target)") }
  }
}

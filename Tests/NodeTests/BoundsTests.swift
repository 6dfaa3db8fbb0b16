import Foundation
import Model
import Testing

@testable import firstframe

@Suite("Every queue and buffer is bounded")
struct BoundsTests {
  private static var page: String {
    get throws {
      let root = URL(fileURLWithPath: TestNode.configuration).deletingLastPathComponent().deletingLastPathComponent()
      return try String(contentsOf: root.appendingPathComponent("docs/limits.md"), encoding: .utf8)
    }
  }

  private static func row(_ bound: Bound) -> String {
    "| `\(bound.name)` | \(bound.limit) | \(bound.unit.rawValue) | \(bound.scope) | \(bound.beyond) |"
  }

  @Test("the table in docs/limits.md is what the code works with")
  func table() throws {
    let rows = try Self.page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(rows == NodeBounds.all.map(Self.row), "\n\(NodeBounds.all.map(Self.row).joined(separator: "\n"))")
  }

  @Test("each bound has a name of its own, a limit, and says what becomes of the rest")
  func whole() {
    #expect(Set(NodeBounds.all.map(\.name)).count == NodeBounds.all.count)
    for bound in NodeBounds.all { #expect(bound.limit > 0 && !bound.beyond.isEmpty && !bound.scope.isEmpty, "\(bound.name)") }
    // Every port that a stranger reaches has one.
    for face in ["rtsp.", "rtmp.", "http.", "events.", "control.", "pairing.", "access.", "journal.", "node."] {
      #expect(NodeBounds.all.contains { $0.name.hasPrefix(face) }, "\(face)")
    }
  }
}

import Foundation
import Testing

/// Who uses a room finds out there what its public declarations mean: shapes, units, errors, the source of a number.
@Suite("Documentation")
struct DocumentationTests {
  /// Undocumented public declarations in a hundred that a room may have. Rooms that are not named may have five. Numbers only fall.
  private static let allowed: [String: Int] = ["Access": 37, "Archive": 40, "Journal": 21, "Pipelines": 33, "Workers": 17]

  /// Names whose meaning another declaration gives: a protocol's, or the standard library's.
  private static let explained: Set<String> = [
    "rawValue", "description", "debugDescription", "errorDescription", "hash", "hashValue", "==", "<", "encode", "makeIterator", "next", "allCases",
  ]

  @Test("public declarations are documented")
  func documented() throws {
    var counts: [String: (all: Int, without: [String])] = [:]
    for file in try SwiftText.sources() {
      let members = DocumentationTests.storedNames(file)
      for index in file.code.indices {
        guard let name = DocumentationTests.publicName(file, at: index, members) else { continue }
        counts[file.room, default: (0, [])].all += 1
        if !DocumentationTests.hasComment(file, above: index) { counts[file.room]?.without.append("\(file.path):\(index + 1) \(name)") }
      }
    }
    #expect(counts.count > 10)
    for (room, count) in counts.sorted(by: { $0.key < $1.key }) {
      let percent = Double(count.without.count) * 100 / Double(count.all)
      let limit = DocumentationTests.allowed[room] ?? 5
      #expect(
        percent <= Double(limit),
        "\(room): \(count.without.count) of \(count.all) public declarations say nothing:\n\(count.without.joined(separator: "\n"))")
    }
  }

  /// The name of the public declaration that a line begins; nil for none, and for one whose meaning stands elsewhere.
  private static func publicName(_ file: SwiftText, at index: Int, _ members: Set<String>) -> String? {
    let line = file.code[index]
    let pattern =
      /\b(?:public|open)\s+(?:(?:static|class|final|mutating|nonisolated|indirect|convenience|required|lazy|weak|unowned|\w+\(set\))\s+)*(struct|class|enum|protocol|actor|func|var|let|init|subscript|typealias)\b\s*`?([\w=<]*)/
    guard let match = line.firstMatch(of: pattern) else { return nil }
    let (kind, name) = (String(match.1), String(match.2))
    if explained.contains(name) { return nil }
    guard kind == "init" else { return name.isEmpty ? kind : name }
    return isMemberwise(file, at: index, members) ? nil : "init"
  }

  /// Whether an initialiser only sets members of the same names, whose own comments say what they are; or makes a literal.
  private static func isMemberwise(_ file: SwiftText, at index: Int, _ members: Set<String>) -> Bool {
    var signature = ""
    var depth = 0
    for line in file.code[index...] {
      signature += line + " "
      depth += line.count { $0 == "(" } - line.count { $0 == ")" }
      if depth <= 0 { break }
    }
    guard !signature.contains("init?") else { return false }
    if signature.contains(/Literal\b|from decoder|rawValue/) { return true }
    guard let open = signature.firstIndex(of: "("), let close = signature.lastIndex(of: ")") else { return false }
    let parameters = signature[signature.index(after: open)..<close]
    return parameters.matches(of: /(?:^|,)\s*(?:\w+\s+)?(\w+)\s*:/).allSatisfy { members.contains(String($0.1)) }
  }

  private static func storedNames(_ file: SwiftText) -> Set<String> {
    Set(file.code.flatMap { $0.matches(of: /\b(?:var|let)\s+(\w+)/).map { String($0.1) } })
  }

  private static func hasComment(_ file: SwiftText, above index: Int) -> Bool {
    var above = index - 1
    while above >= 0, file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
    return above >= 0 && file.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///")
  }
}

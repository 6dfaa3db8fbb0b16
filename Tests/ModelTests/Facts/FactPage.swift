import Foundation

/// docs/facts.md as a table: what each kind's section says of its fields.
struct FactPage {
  struct Field: Hashable {
    var name: String
    /// The JSON type: `string`, `int`, `bool`, `array`, `object`, or `any`.
    var type: String
    var mayBeAbsent: Bool
    var mayBeNull: Bool
  }

  struct Section {
    var kinds: [String]
    var fields: [Field]
  }

  struct Malformed: Error, CustomStringConvertible { var description: String }

  private(set) var sections: [Section] = []

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("docs/facts.md"), encoding: .utf8)
    for line in text.split(separator: "\n") {
      if line.hasPrefix("### `") {
        let kinds = line.dropFirst(4).split(separator: ",").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        sections.append(Section(kinds: kinds, fields: []))
      } else if line.hasPrefix("## ") {
        sections.append(Section(kinds: [], fields: []))
      } else if line.hasPrefix("| `"), sections.last?.kinds.isEmpty == false {
        sections[sections.count - 1].fields.append(try FactPage.field(line))
      }
    }
    sections.removeAll { $0.kinds.isEmpty }
  }

  private static let types = [
    "text": "string", "stream": "string", "unit": "string", "hash": "string", "wall time": "string", "integer": "int", "instant": "int",
    "span": "int", "boolean": "bool", "object": "object", "list of text": "array", "list of objects": "array", "person": "any",
  ]

  private static func field(_ row: Substring) throws -> Field {
    let cells = row.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    guard cells.count >= 5, cells[1].hasPrefix("`"), cells[1].hasSuffix("`") else { throw Malformed(description: "\(row)") }
    let words = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard let first = words.first, let type = types[first], words.dropFirst().allSatisfy({ ["may be absent", "may be null"].contains($0) })
    else { throw Malformed(description: "\(row): no such type") }
    return Field(
      name: String(cells[1].dropFirst().dropLast()), type: type, mayBeAbsent: words.contains("may be absent"),
      mayBeNull: words.contains("may be null"))
  }
}

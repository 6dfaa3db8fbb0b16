/// Builds HTML of values: everything that goes in is escaped.
struct HTMLText {
  private(set) var text = ""

  static func escaped(_ value: String) -> String {
    var out = ""
    for character in value {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.append(character)
      }
    }
    return out
  }

  mutating func raw(_ html: String) { text += html + "\n" }

  mutating func element(_ tag: String, _ value: String, class name: String? = nil) {
    raw("<\(tag)\(name.map { " class=\"\($0)\"" } ?? "")>\(HTMLText.escaped(value))</\(tag)>")
  }

  /// A table; the first row is its head.
  mutating func table(_ rows: [[String]]) {
    raw("<table>")
    for (index, row) in rows.enumerated() {
      let tag = index == 0 ? "th" : "td"
      raw("<tr>" + row.map { "<\(tag)>\(HTMLText.escaped($0))</\(tag)>" }.joined() + "</tr>")
    }
    raw("</table>")
  }
}

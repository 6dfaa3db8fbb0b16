import Foundation

/// A Swift file as far as the tests of the code itself read it.
struct SwiftText {
  let path: String
  /// The lines, comments and strings included.
  let lines: [Substring]
  /// The lines without comments and without what stands in strings.
  let code: [String]

  init(_ path: String) throws {
    self.path = path
    lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    code = SwiftText.strip(lines)
  }

  /// All of the product's, by path.
  static func sources() throws -> [SwiftText] {
    try Repository.files(in: ["Sources"], extensions: ["swift"]).filter { $0.hasSuffix(".swift") }.map { try SwiftText($0) }
  }

  var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

  /// Identifiers of the code, each line's with its number from 1.
  var identifiers: [(line: Int, name: String)] {
    code.enumerated().flatMap { number, line in
      line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { (number + 1, String($0)) }
    }
  }

  /// The words of an identifier in small letters: `fragmentStart` is fragment, start.
  static func words(_ identifier: String) -> [String] {
    var words: [String] = []
    for character in identifier {
      if character == "_" || words.isEmpty || (character.isUppercase && words[words.count - 1].last?.isUppercase != true) { words.append("") }
      if character != "_" { words[words.count - 1].append(character) }
    }
    return words.map { $0.lowercased() }.filter { !$0.isEmpty }
  }

  private static func strip(_ lines: [Substring]) -> [String] {
    var isInString = false
    return lines.map { line in
      if line.contains("\"\"\"") {
        defer { if line.components(separatedBy: "\"\"\"").count % 2 == 0 { isInString.toggle() } }
        return isInString ? "" : String(line.prefix { $0 != "\"" })
      }
      return isInString ? "" : strip(line)
    }
  }

  private static func strip(_ line: Substring) -> String {
    var out = ""
    var rest = line[...]
    while let character = rest.first {
      if rest.hasPrefix("//") { break }
      rest = rest.dropFirst()
      guard character == "\"" else {
        out.append(character)
        continue
      }
      while let inner = rest.first, inner != "\"" { rest = rest.dropFirst(inner == "\\" ? 2 : 1) }
      rest = rest.dropFirst()
    }
    return out
  }
}

import Model
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Reads the project's rule files without a YAML library: the block maps, flow maps, lists and scalars that they use, nothing else.
enum RuleFiles {
  static func text(_ path: String) throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/" + root + "/" + path, "r"), "no file \(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func rule(_ path: String) throws -> JSON {
    var lines = try text(path).split(separator: "\n").map(String.init).filter { !$0.drop { $0 == " " }.hasPrefix("#") }[...]
    return block(&lines, indent: 0)
  }

  private static func block(_ lines: inout ArraySlice<String>, indent: Int) -> JSON {
    var members: [String: JSON] = [:]
    while let line = lines.first, line.prefix(while: { $0 == " " }).count == indent {
      lines.removeFirst()
      let parts = line.dropFirst(indent).split(separator: ":", maxSplits: 1).map { trim(String($0)) }
      let value = parts.count > 1 ? parts[1] : ""
      members[parts[0]] = value.isEmpty ? block(&lines, indent: indent + 2) : scalar(value)
    }
    return .object(members)
  }

  private static func scalar(_ text: String) -> JSON {
    if text.hasPrefix("{") {
      let pairs = split(String(text.dropFirst().dropLast())).map { $0.split(separator: ":", maxSplits: 1).map { trim(String($0)) } }
      return .object(Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], scalar($0[1])) }))
    }
    if text.hasPrefix("[") { return .array(split(String(text.dropFirst().dropLast())).map { scalar(trim($0)) }) }
    if text.hasPrefix("\"") { return .string(String(text.dropFirst().dropLast())) }
    if text == "true" || text == "false" { return .bool(text == "true") }
    return Int64(text).map { .int($0) } ?? .string(text)
  }

  /// Commas outside quotes.
  private static func split(_ text: String) -> [String] {
    var parts = [""]
    var isQuoted = false
    for character in text {
      if character == "\"" { isQuoted.toggle() }
      if character == ",", !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }

  private static func trim(_ text: String) -> String {
    var text = text[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

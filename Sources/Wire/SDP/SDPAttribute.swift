/// One `a=` line (RFC 4566 §5.13): a flag, or a name with a value.
public struct SDPAttribute: Hashable, Sendable {
  /// As it came; compared without regard to case.
  public var name: String
  /// Nil for a flag.
  public var value: String?

  public init(_ name: String, _ value: String? = nil) {
    self.name = name
    self.value = value
  }

  init(line: String) {
    guard let colon = line.utf8.firstIndex(of: 58) else {
      self.init(trimmed(line))
      return
    }
    self.init(trimmed(line[..<colon]), trimmed(line[line.utf8.index(after: colon)...]))
  }
}

extension [SDPAttribute] {
  /// The value of the first attribute of that name; empty for a flag. Names are case-sensitive, but devices are not.
  func value(_ name: String) -> String? { first { RTSPHeaders.equal($0.name, name) }.map { $0.value ?? "" } }
  /// The first of `a=sendrecv` and its like; nil without one.
  var direction: MediaDescription.Direction? {
    lazy.compactMap { $0.value == nil ? MediaDescription.Direction(rawValue: $0.name.lowercased()) : nil }.first
  }

  func values(_ name: String) -> [String] { filter { RTSPHeaders.equal($0.name, name) }.map { $0.value ?? "" } }

  /// `a=extmap:ID[/direction] URI` (RFC 8285 §8): URI to id, the first of several.
  var headerExtensions: [String: UInt8] {
    var ids: [String: UInt8] = [:]
    for value in values("extmap") {
      let words = value.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count >= 2, let id = words[0].split(separator: "/").first.flatMap({ UInt8($0) }), ids[String(words[1])] == nil else {
        continue
      }
      ids[String(words[1])] = id
    }
    return ids
  }
}

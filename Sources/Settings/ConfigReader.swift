public import Model

/// Reads one map of a configuration, remembers which keys it was asked for, and refuses all others by naming the nearest.
///
/// Each room reads the section of its own settings with one, as in `RTSPSettings(&section, bind: bind)`. All errors are ``FaultCode/configInvalid``
/// with the key's dotted path, except unknown keys: ``FaultCode/configUnknownKey``.
public struct ConfigReader {
  /// Dotted path of the map within the file; empty for the file itself.
  public let path: String
  private let members: [String: ConfigNode]
  /// Keys of this map that were asked for.
  private var known: Set<String> = []
  /// Full paths of all keys that hold a value or a list and were asked for, those of inner sections among them, in the order of asking.
  public private(set) var keys: [String] = []

  /// - Parameters:
  ///   - node: nil or `null` is a map without keys, so that every key has its default.
  ///   - path: for error messages.
  public init(_ node: ConfigNode?, path: String = "") throws(Fault) {
    self.path = path
    switch node {
    case nil: members = [:]
    case .map(let found): members = found
    case .some(let other) where other.isNull: members = [:]
    default: throw Fault(.configInvalid, "\(path): expected keys and values")
    }
  }

  /// Reads a whole map with `body`, then refuses the keys that `body` did not ask for.
  public static func read<T>(
    _ node: ConfigNode?, path: String = "", _ body: (inout ConfigReader) throws(Fault) -> T
  ) throws(Fault) -> T {
    var reader = try ConfigReader(node, path: path)
    let value = try body(&reader)
    try reader.refuseUnknownKeys()
    return value
  }

  private func refuseUnknownKeys() throws(Fault) {
    guard let unknown = members.keys.filter({ !known.contains($0) }).min() else { return }
    let nearest = known.min { (editDistance($0, unknown), $0) < (editDistance($1, unknown), $1) }
    throw Fault(.configUnknownKey, fullPath(unknown) + (nearest.map { ";最接近的键 / nearest key: \(fullPath($0))" } ?? ""))
  }

  private func fullPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The error that `key` has a value which cannot be; for rules that a room checks itself.
  public func invalid(_ key: String, _ why: String) -> Fault { Fault(.configInvalid, "\(fullPath(key)): \(why)") }

  /// The node of a key that holds a value or a list; nil when it is not given.
  private mutating func value(_ key: String) -> ConfigNode? {
    known.insert(key)
    keys.append(fullPath(key))
    return members[key].flatMap { $0.isNull ? nil : $0 }
  }
}

/// Sections: maps within the map.
extension ConfigReader {
  /// Reads the map under `key` with `body`; one that is not given is read as empty. Keys that `body` does not ask for are errors.
  public mutating func section<T>(_ key: String, _ body: (inout ConfigReader) throws(Fault) -> T) throws(Fault) -> T {
    known.insert(key)
    var inner: [String] = []
    let value = try ConfigReader.read(members[key], path: fullPath(key)) { reader throws(Fault) in
      let value = try body(&reader)
      inner = reader.keys
      return value
    }
    keys += inner
    return value
  }

  /// Reads each entry of a list of maps with `body`; a list that is not given is empty. An entry's path is `key[0]`, `key[1]` …
  public mutating func sections<T>(_ key: String, _ body: (inout ConfigReader) throws(Fault) -> T) throws(Fault) -> [T] {
    guard let node = value(key) else { return [] }
    guard case .list(let items) = node else { throw invalid(key, "expected a list") }
    var entries: [T] = []
    for (index, item) in items.enumerated() { entries.append(try ConfigReader.read(item, path: "\(fullPath(key))[\(index)]", body)) }
    return entries
  }
}

/// Values. A key without a value, or with `null` or `~`, counts as not given.
extension ConfigReader {
  /// A text; nil when it is not given.
  public mutating func optionalText(_ key: String) throws(Fault) -> String? {
    switch value(key) {
    case nil: return nil
    case .scalar(let text)?: return text
    default: throw invalid(key, "expected a text")
    }
  }

  /// A text.
  public mutating func text(_ key: String, default fallback: String) throws(Fault) -> String { try optionalText(key) ?? fallback }

  /// A text that must be given.
  public mutating func requiredText(_ key: String) throws(Fault) -> String {
    guard let text = try optionalText(key) else { throw invalid(key, "is missing") }
    return text
  }

  /// A list of texts, or one text without a list. A key without a value is an empty list: whoever names no streams does not mean all of them.
  public mutating func texts(_ key: String, default fallback: [String]) throws(Fault) -> [String] {
    switch value(key) {
    case nil: return members[key] == nil ? fallback : []
    case .scalar(let text)?: return [text]
    case .list(let items)?:
      var texts: [String] = []
      for item in items {
        guard case .scalar(let text) = item else { throw invalid(key, "expected texts") }
        texts.append(text)
      }
      return texts
    default: throw invalid(key, "expected a list of texts")
    }
  }

  /// `true` or `false`.
  public mutating func flag(_ key: String, default fallback: Bool) throws(Fault) -> Bool {
    switch try optionalText(key) {
    case nil: return fallback
    case "true"?: return true
    case "false"?: return false
    case let text?: throw invalid(key, "expected true or false, not \(text)")
    }
  }

  /// A whole number within `range`; the unit is part of the key's name (`takeoverSeconds`).
  public mutating func number(_ key: String, default fallback: Int, in range: ClosedRange<Int>) throws(Fault) -> Int {
    guard let text = try optionalText(key) else { return fallback }
    guard let value = Int(text), range.contains(value) else { throw invalid(key, "expected \(range.lowerBound)…\(range.upperBound), not \(text)") }
    return value
  }

  /// One of an enum's raw values.
  public mutating func choice<T: RawRepresentable & CaseIterable>(_ key: String, default fallback: T) throws(Fault) -> T
  where T.RawValue == String {
    guard let text = try optionalText(key) else { return fallback }
    guard let value = T(rawValue: text) else {
      throw invalid(key, "expected \(T.allCases.map(\.rawValue).joined(separator: " | ")), not \(text)")
    }
    return value
  }

  /// A port to listen on; 0 lets the kernel choose.
  public mutating func port(_ key: String, default fallback: UInt16) throws(Fault) -> UInt16 {
    UInt16(clamping: try number(key, default: Int(fallback), in: 0...Int(UInt16.max)))
  }

  /// A range of ports such as `20000-21999`.
  public mutating func ports(_ key: String, default fallback: ClosedRange<UInt16>) throws(Fault) -> ClosedRange<UInt16> {
    guard let text = try optionalText(key) else { return fallback }
    let ends = text.split(separator: "-").map { UInt16($0.filter { $0 != " " }) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low >= 1, low < high else {
      throw invalid(key, "expected a range such as 20000-21999, not \(text)")
    }
    return low...high
  }

  /// Another machine's `host:port`, which must be given.
  public mutating func requiredEndpoint(_ key: String) throws(Fault) -> Endpoint {
    let text = try requiredText(key)
    guard let endpoint = Endpoint(text) else { throw invalid(key, "expected host:port, not \(text)") }
    return endpoint
  }

  /// A stream's name such as `live/cam1`; nil when it is not given.
  public mutating func optionalStreamName(_ key: String) throws(Fault) -> StreamName? {
    guard let text = try optionalText(key) else { return nil }
    guard let name = StreamName(text) else { throw invalid(key, "\(text) is no stream name") }
    return name
  }
}

public import Model

/// A configuration's tree before its meaning is known: what a YAML file or `--set` gives. Numbers and booleans are still text.
public indirect enum ConfigNode: Hashable, Sendable {
  case scalar(String)
  case list([ConfigNode])
  case map([String: ConfigNode])

  /// Whether it stands for "not given": an empty value, `null` or `~`.
  var isNull: Bool {
    switch self {
    case .scalar(""), .scalar("null"), .scalar("~"): true
    default: false
    }
  }

  /// Puts a value at a dotted path, as `--set rtsp.port=9554` does. Maps on the way are made where there are none.
  /// - Throws: ``FaultCode/configInvalid`` for an empty key, or for a path that goes through a value which is no map.
  public mutating func set(_ path: String, to value: ConfigNode) throws(Fault) {
    try set(path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], to: value, whole: path)
  }

  private mutating func set(_ path: ArraySlice<String>, to value: ConfigNode, whole: String) throws(Fault) {
    guard let key = path.first else {
      self = value
      return
    }
    guard !key.isEmpty else { throw Fault(.configInvalid, "--set \(whole): an empty key") }
    guard case .map(var members) = self else { throw Fault(.configInvalid, "--set \(whole): \(key) stands inside a value") }
    var inner = members[key] ?? .map([:])
    try inner.set(path.dropFirst(), to: value, whole: whole)
    members[key] = inner
    self = .map(members)
  }

  /// The tree as ``JSON``: whole numbers become numbers, `true` and `false` booleans, all else text. Policies and profiles are read this way.
  public var json: JSON {
    switch self {
    case .scalar(let text):
      if let number = Int64(text.filter { $0 != "_" }), text.first != "+" { return .int(number) }
      if isNull { return .null }
      return switch text {
      case "true": .bool(true)
      case "false": .bool(false)
      default: .string(text)
      }
    case .list(let items): return .array(items.map(\.json))
    case .map(let members): return .object(members.mapValues(\.json))
    }
  }
}

public import Model
internal import Yams

/// A configuration file's tree, before it is understood.
public indirect enum ConfigNode: Hashable, Sendable {
  case scalar(String)
  case list([ConfigNode])
  case map([String: ConfigNode])

  /// Parses YAML; an empty document is an empty map. Throws ``FaultCode/configUnreadable`` with the place.
  public init(yaml text: String) throws(Fault) {
    do {
      guard let node = try Yams.compose(yaml: text) else {
        self = .map([:])
        return
      }
      self = try ConfigNode(node, path: "")
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault(.configUnreadable, "\(error)")
    }
  }

  private init(_ node: Node, path: String) throws(Fault) {
    switch node {
    case .scalar(let scalar): self = .scalar(scalar.string)
    case .sequence(let sequence):
      var items: [ConfigNode] = []
      for (index, item) in sequence.enumerated() { items.append(try ConfigNode(item, path: "\(path)[\(index)]")) }
      self = .list(items)
    case .mapping(let mapping):
      var members: [String: ConfigNode] = [:]
      for (key, value) in mapping {
        guard let name = key.string else { throw Fault(.configInvalid, "\(path): a key that is no text") }
        let inner = path.isEmpty ? name : "\(path).\(name)"
        guard members.updateValue(try ConfigNode(value, path: inner), forKey: name) == nil else {
          throw Fault(.configInvalid, "\(inner): given twice")
        }
      }
      self = .map(members)
    default: throw Fault(.configInvalid, "\(path): aliases are not used here")
    }
  }

  /// Puts a value at a dotted path, as `--set rtsp.port=9554` does; the value is YAML.
  public mutating func set(_ path: String, to value: ConfigNode) throws(Fault) {
    try set(path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], to: value, whole: path)
  }

  private mutating func set(_ path: ArraySlice<String>, to value: ConfigNode, whole: String) throws(Fault) {
    guard let key = path.first else {
      self = value
      return
    }
    guard !key.isEmpty else { throw Fault(.configInvalid, "--set \(whole): an empty key") }
    switch self {
    case .map(var members):
      var inner = members[key] ?? .map([:])
      try inner.set(path.dropFirst(), to: value, whole: whole)
      members[key] = inner
      self = .map(members)
    default: throw Fault(.configInvalid, "--set \(whole): \(key) stands inside a value")
    }
  }
}

extension ConfigNode {
  /// The tree as ``JSON``: whole numbers become numbers, `true` and `false` booleans, all else text. Policies and profiles are read this way.
  public var json: JSON {
    switch self {
    case .scalar(let text):
      if let number = Int64(text.filter { $0 != "_" }), text.first != "+" { return .int(number) }
      return switch text {
      case "true": .bool(true)
      case "false": .bool(false)
      case "null", "~", "": .null
      default: .string(text)
      }
    case .list(let items): return .array(items.map(\.json))
    case .map(let members): return .object(members.mapValues(\.json))
    }
  }
}

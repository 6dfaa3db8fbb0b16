public import Model
public import Settings
internal import Yams

extension ConfigNode {
  /// The longest configuration that is read, in bytes.
  public static let limit = 4 << 20
  /// The configuration has three levels, policies and profiles have four; what is deeper is a mistake.
  private static let depthLimit = 32

  /// Reads a YAML file of at most ``limit`` bytes. Blocks.
  /// - Throws: ``FaultCode/configUnreadable`` when it cannot be read or is no YAML, and what ``init(yaml:)`` throws.
  public init(file path: String) throws(Fault) {
    let bytes: [UInt8]?
    do {
      bytes = try Disk.read(path, limit: ConfigNode.limit)
    } catch {
      throw Fault(.configUnreadable, error.detail)
    }
    guard let bytes else { throw Fault(.configUnreadable, path) }
    try self.init(yaml: String(decoding: bytes, as: UTF8.self))
  }

  /// Parses YAML; an empty document is an empty map.
  /// - Throws: ``FaultCode/configUnreadable`` with line and column for what is no YAML; ``FaultCode/configInvalid`` with the path for a key that is
  ///   given twice, for anchors and aliases, and for more than 32 levels.
  public init(yaml text: String) throws(Fault) {
    let parser: Parser
    let root: Node?
    do {
      parser = try Parser(yaml: text)
      root = try parser.singleRoot()
    } catch {
      throw Fault(.configUnreadable, "\(error)")
    }
    // Nodes know their anchors only as long as the parser lives.
    self = try withExtendedLifetime(parser) { () throws(Fault) in
      try root.map { node throws(Fault) in try ConfigNode(node, path: "", depth: 0) } ?? .map([:])
    }
  }

  private init(_ node: Node, path: String, depth: Int) throws(Fault) {
    // An alias may stand for millions of nodes, and nobody needs one here.
    guard node.anchor == nil else { throw Fault(.configInvalid, "\(path): anchors and aliases are not used here") }
    guard depth <= ConfigNode.depthLimit else { throw Fault(.configInvalid, "\(path.prefix(80))…: too many levels") }
    switch node {
    case .scalar(let scalar): self = .scalar(scalar.string)
    case .sequence(let sequence):
      var items: [ConfigNode] = []
      for (index, item) in sequence.enumerated() { items.append(try ConfigNode(item, path: "\(path)[\(index)]", depth: depth + 1)) }
      self = .list(items)
    case .mapping(let mapping): self = .map(try ConfigNode.members(of: mapping, path: path, depth: depth))
    case .alias: throw Fault(.configInvalid, "\(path): anchors and aliases are not used here")
    }
  }

  private static func members(of mapping: Node.Mapping, path: String, depth: Int) throws(Fault) -> [String: ConfigNode] {
    var members: [String: ConfigNode] = [:]
    for (key, value) in mapping {
      guard key.anchor == nil, let name = key.string else { throw Fault(.configInvalid, "\(path): a key that is no text") }
      let inner = path.isEmpty ? name : "\(path).\(name)"
      guard members.updateValue(try ConfigNode(value, path: inner, depth: depth + 1), forKey: name) == nil else {
        throw Fault(.configInvalid, "\(inner): given twice")
      }
    }
    return members
  }
}

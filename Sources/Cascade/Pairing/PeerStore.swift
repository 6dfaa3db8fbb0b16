internal import FoundationEssentials
public import Journal
public import Model
internal import NIOConcurrencyHelpers

/// The nodes that this one was paired with: `DATA/keys/peers.json`.
public final class PeerStore: Sendable {
  private let path: String
  private let peers: NIOLockedValueBox<[String: NodePublicKey]>

  /// Reads the file; none is an empty store. Blocks.
  public init(dataFolder: String) throws(Fault) {
    path = dataFolder + "/keys/peers.json"
    peers = NIOLockedValueBox(try PeerStore.read(path))
  }

  private static func read(_ path: String) throws(Fault) -> [String: NodePublicKey] {
    guard let bytes = try Disk.read(path, limit: 4 << 20) else { return [:] }
    guard let list = (try? JSON(parsing: bytes))?["peers"]?.objectValue else { throw Fault(.keyFileBroken, path) }
    var found: [String: NodePublicKey] = [:]
    for (node, value) in list {
      guard let raw = value.stringValue.flatMap({ Hex.decode($0) }), let key = NodePublicKey(raw: raw) else {
        throw Fault(.keyFileBroken, "\(path): \(node)")
      }
      found[node] = key
    }
    return found
  }

  /// Nil for a node that was never paired.
  public func key(of node: String) -> NodePublicKey? { peers.withLockedValue { $0[node] } }
  /// By node.
  public var all: [String: NodePublicKey] { peers.withLockedValue { $0 } }

  /// Remembers a peer, replacing an earlier key of that name. Blocks until it is durable.
  public func remember(_ node: String, _ key: NodePublicKey) throws(Fault) {
    let all = peers.withLockedValue { peers in
      peers[node] = key
      return peers
    }
    let json = JSON.object(["peers": .object(all.mapValues { .string(Hex.encode($0.raw)) })])
    try Disk.makeFolder(Disk.parent(of: path), mode: 0o700)
    try Disk.replace(path, with: Array((json.text + "\n").utf8), mode: 0o600)
  }

  /// Reads the file again: the command line may have paired while the node was running. Blocks.
  public func reload() throws(Fault) {
    let found = try PeerStore.read(path)
    peers.withLockedValue { $0 = found }
  }
}

public import Model
internal import Synchronization

/// The keys of a node: `DATA/keys/access.json`, mode 0600, replaced as a whole. A running node sees what the command line adds within seconds.
public final class AccessStore: Sendable {
  private let path: String
  private let keys: Mutex<[AccessKey]>

  /// Reads the file; none is an empty store, which opens nothing. Blocks. Throws ``FaultCode/keyFileBroken``.
  public init(dataFolder: String) throws(Fault) {
    path = dataFolder + "/keys/access.json"
    keys = Mutex(try AccessStore.read(path))
  }

  private static func read(_ path: String) throws(Fault) -> [AccessKey] {
    guard let bytes = try Disk.read(path, limit: 16 << 20) else { return [] }
    guard let list = (try? JSON(parsing: bytes))?["keys"]?.arrayValue else { throw Fault(.keyFileBroken, path) }
    let found = list.compactMap { AccessKey($0) }
    guard found.count == list.count else { throw Fault(.keyFileBroken, path) }
    return found
  }

  public var all: [AccessKey] { keys.withLock { $0 } }

  /// Reads the file again. Blocks. A broken file keeps what was known.
  public func reload() throws(Fault) {
    let found = try AccessStore.read(path)
    keys.withLock { $0 = found }
  }

  /// Adds a key. Blocks until it is durable. Throws ``FaultCode/keyExists``.
  public func add(_ key: AccessKey) throws(Fault) {
    guard StreamName.isSegment(key.name) else { throw Fault(.requestInvalid, "key name \(key.name)") }
    try reload()
    guard !all.contains(where: { $0.name == key.name }) else { throw Fault(.keyExists, key.name) }
    try store(all + [key])
  }

  /// Takes a key away. Blocks until it is durable. Throws ``FaultCode/keyUnknown``.
  public func revoke(_ name: String) throws(Fault) {
    try reload()
    guard all.contains(where: { $0.name == name }) else { throw Fault(.keyUnknown, name) }
    try store(all.filter { $0.name != name })
  }

  private func store(_ list: [AccessKey]) throws(Fault) {
    let json = JSON.object(["v": 1, "keys": .array(list.map(\.json))])
    try Disk.makeFolder(Disk.parent(of: path), mode: 0o700)
    try Disk.replace(path, with: Array((json.text + "\n").utf8), mode: 0o600)
    keys.withLock { $0 = list }
  }
}

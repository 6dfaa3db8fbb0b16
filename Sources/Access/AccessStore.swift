internal import Glibc
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

  /// Adds a key. Blocks until it is durable. Throws ``FaultCode/keyExists``, or ``FaultCode/requestInvalid`` for a name or path that cannot be meant.
  public func add(_ key: AccessKey) throws(Fault) {
    guard StreamName.isSegment(key.name), key.name.utf8.count <= 64 else { throw Fault(.requestInvalid, "key name \(key.name)") }
    for path in key.paths where !StreamGlob(path).isValid { throw Fault(.requestInvalid, "path \(path)") }
    try change { keys throws(Fault) in
      guard !keys.contains(where: { $0.name == key.name }) else { throw Fault(.keyExists, key.name) }
      keys.append(key)
    }
  }

  /// Takes a key away. Blocks until it is durable. Throws ``FaultCode/keyUnknown``.
  public func revoke(_ name: String) throws(Fault) {
    try change { keys throws(Fault) in
      guard keys.contains(where: { $0.name == name }) else { throw Fault(.keyUnknown, name) }
      keys.removeAll { $0.name == name }
    }
  }

  /// The first start of a node with keys: makes the key `admin`, so that there is somebody who may do everything, and gives its secret to be shown
  /// once. Nil when there is a key file already, an empty one included: who revoked the last key meant it. Blocks.
  public func makeFirstAdmin(now: WallTime) throws(Fault) -> (key: AccessKey, secret: String)? {
    guard try Disk.read(path, limit: 16 << 20) == nil else { return nil }
    let made = AccessKey.make(name: "admin", paths: ["**"], publish: true, read: true, role: .admin, now: now)
    do throws(Fault) {
      try add(made.key)
    } catch {
      // Another process was first; its secret is the one that counts.
      if error.code == .keyExists { return nil }
      throw error
    }
    return made
  }

  /// Reads, changes and replaces the file while no other process does: two `key add` at once lose nothing.
  private func change(_ body: (inout [AccessKey]) throws(Fault) -> Void) throws(Fault) {
    try Disk.makeFolder(Disk.parent(of: path), mode: 0o700)
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw Disk.fault(errno, path + ".lock") }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 { if errno != EINTR { throw Disk.fault(errno, path + ".lock") } }
    var list = try AccessStore.read(path)
    try body(&list)
    try store(list)
  }

  private func store(_ list: [AccessKey]) throws(Fault) {
    let json = JSON.object(["v": 1, "keys": .array(list.map(\.json))])
    try Disk.replace(path, with: Array((json.text + "\n").utf8), mode: 0o600)
    keys.withLock { $0 = list }
  }
}

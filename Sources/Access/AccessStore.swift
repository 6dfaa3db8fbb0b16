internal import Glibc
public import Model
internal import Synchronization

/// The keys of a node: `DATA/keys/access.json`, mode 0600, replaced as a whole. A running node sees what the command line adds within seconds.
public final class AccessStore: Sendable {
  private let path: String
  private let keys: Mutex<[AccessKey]>

  /// The file's content.
  private struct Content {
    var keys: [AccessKey] = []
    /// Whether this folder has, or once had, an administrator's key: a first one is made once, whoever revoked the last meant it.
    var hadAdmin = false
  }

  /// Reads the file; none is an empty store, which opens nothing. Blocks. Throws ``FaultCode/keyFileBroken``.
  public init(dataFolder: String) throws(Fault) {
    path = dataFolder + "/keys/access.json"
    keys = Mutex(try AccessStore.read(path).keys)
  }

  private static func read(_ path: String) throws(Fault) -> Content {
    guard let bytes = try Disk.read(path, limit: 16 << 20) else { return Content() }
    guard let json = try? JSON(parsing: bytes), let list = json["keys"]?.arrayValue else { throw Fault(.keyFileBroken, path) }
    let found = list.compactMap { AccessKey($0) }
    guard found.count == list.count else { throw Fault(.keyFileBroken, path) }
    return Content(keys: found, hadAdmin: json["hadAdmin"]?.boolValue ?? false || found.contains { $0.role == .admin })
  }

  public var all: [AccessKey] { keys.withLock { $0 } }

  /// Reads the file again. Blocks. A broken file keeps what was known.
  public func reload() throws(Fault) {
    let found = try AccessStore.read(path).keys
    keys.withLock { $0 = found }
  }

  /// Adds a key. Blocks until it is durable. Throws ``FaultCode/keyExists``, or ``FaultCode/requestInvalid`` for a name or path that cannot be meant.
  public func add(_ key: AccessKey) throws(Fault) {
    guard StreamName.isSegment(key.name), key.name.utf8.count <= 64 else { throw Fault(.requestInvalid, "key name \(key.name)") }
    for path in key.paths where !StreamGlob(path).isValid { throw Fault(.requestInvalid, "path \(path)") }
    try change { content throws(Fault) in
      guard !content.keys.contains(where: { $0.name == key.name }) else { throw Fault(.keyExists, key.name) }
      content.keys.append(key)
    }
  }

  /// Takes a key away. Blocks until it is durable. Throws ``FaultCode/keyUnknown``.
  public func revoke(_ name: String) throws(Fault) {
    try change { content throws(Fault) in
      guard content.keys.contains(where: { $0.name == name }) else { throw Fault(.keyUnknown, name) }
      content.keys.removeAll { $0.name == name }
    }
  }

  /// Makes an administrator's key where there never was one, so that there is somebody who may do everything, and gives its secret to be shown once; nil
  /// where there is or was one. Other keys may be there before. Blocks until it is durable.
  public func makeFirstAdmin(now: WallTime) throws(Fault) -> (key: AccessKey, secret: String)? {
    var made: (key: AccessKey, secret: String)?
    try change { content throws(Fault) in
      // Another process may have been first; its secret is the one that counts.
      guard !content.hadAdmin else { return }
      let taken = Set(content.keys.map(\.name))
      let name = (["admin"] + (2...(taken.count + 2)).map { "admin-\($0)" }).first { !taken.contains($0) } ?? "admin"
      let fresh = AccessKey.make(name: name, paths: ["**"], publish: true, read: true, role: .admin, now: now)
      content.keys.append(fresh.key)
      made = fresh
    }
    return made
  }

  /// Reads, changes and replaces the file while no other process does: two `key add` at once lose nothing.
  private func change(_ body: (inout Content) throws(Fault) -> Void) throws(Fault) {
    try Disk.makeFolder(Disk.parent(of: path), mode: 0o700)
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else { throw Disk.fault(errno, path + ".lock") }
    defer { close(lock) }
    try Disk.adopt(lock, path + ".lock")
    while flock(lock, LOCK_EX) != 0 { if errno != EINTR { throw Disk.fault(errno, path + ".lock") } }
    let before = try AccessStore.read(path)
    var content = before
    try body(&content)
    content.hadAdmin = content.hadAdmin || content.keys.contains { $0.role == .admin }
    if content.keys != before.keys || content.hadAdmin != before.hadAdmin { try store(content) }
    keys.withLock { $0 = content.keys }
  }

  private func store(_ content: Content) throws(Fault) {
    let json = JSON.object(["v": 1, "keys": .array(content.keys.map(\.json)), "hadAdmin": .bool(content.hadAdmin)])
    try Disk.replace(path, with: Array((json.text + "\n").utf8), mode: 0o600, keepsMode: true)
  }
}

internal import Crypto
internal import FoundationEssentials
internal import Glibc
public import Model

/// Who this node is: its Ed25519 key, made at the first start and never replaced by itself.
public struct NodeIdentity: Sendable {
  /// The public half: what others verify this node's signatures with.
  public let publicKey: NodePublicKey
  private let key: Curve25519.Signing.PrivateKey

  private init(_ key: Curve25519.Signing.PrivateKey) throws(Fault) {
    guard let publicKey = NodePublicKey(raw: Array(key.publicKey.rawRepresentation)) else { throw Fault(.keyFileBroken, "Ed25519") }
    self.key = key
    self.publicKey = publicKey
  }

  /// A key that lives in memory only: for tests and for one-time use.
  public static func temporary() throws(Fault) -> NodeIdentity { try NodeIdentity(Curve25519.Signing.PrivateKey()) }

  /// Loads `DATA/keys/node.key` (PKCS #8 PEM, mode 0600), or makes it at the first start; writes `DATA/keys/pub.pem` beside it. Blocks.
  ///
  /// A key that cannot be read is never replaced: that throws `.keyFileBroken`, because a new key would disown the old journal. One that is gone while
  /// there is a journal throws `.nodeKeyMissing`.
  public static func load(dataFolder: String) throws(Fault) -> NodeIdentity {
    let folder = dataFolder + "/keys"
    let path = folder + "/node.key"
    try Disk.makeFolder(dataFolder)
    try Disk.makeFolder(folder, mode: 0o700)
    if try Disk.read(path, limit: 4096) == nil {
      guard try JournalFiles.indices(dataFolder).isEmpty else { throw Fault(.nodeKeyMissing, path) }
      let fresh = Curve25519.Signing.PrivateKey()
      let pem = PEM.encode("PRIVATE KEY", prefix: PEM.privatePrefix, raw: Array(fresh.rawRepresentation))
      // Not created when another process was faster: then its key is ours too.
      _ = try Disk.create(path, with: Array(pem.utf8), mode: 0o600)
    }
    let identity = try read(path)
    let pem = Array(identity.publicKey.pem.utf8)
    if try Disk.read(folder + "/pub.pem", limit: 4096) != pem { try Disk.replace(folder + "/pub.pem", with: pem) }
    return identity
  }

  /// The key of a folder, which is left as it is; nil where there is none yet. Blocks. Throws `.keyFileBroken` for a key that cannot be used.
  public static func existing(dataFolder: String) throws(Fault) -> NodeIdentity? {
    guard let bytes = try Disk.read(dataFolder + "/keys/node.key", limit: 4096) else { return nil }
    return try parse(bytes, dataFolder + "/keys/node.key")
  }

  private static func parse(_ bytes: [UInt8], _ path: String) throws(Fault) -> NodeIdentity {
    guard let raw = PEM.decode(String(decoding: bytes, as: UTF8.self), label: "PRIVATE KEY", prefix: PEM.privatePrefix),
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: raw)
    else { throw Fault(.keyFileBroken, path) }
    return try NodeIdentity(key)
  }

  private static func read(_ path: String) throws(Fault) -> NodeIdentity {
    guard let bytes = try Disk.read(path, limit: 4096) else { throw Fault(.keyFileBroken, path) }
    let identity = try parse(bytes, path)
    // A copied folder may have lost its modes; whoever may read the key may sign as this node.
    guard chmod(path, 0o600) == 0 else { throw Disk.fault(errno, path) }
    return identity
  }

  /// SHA-256 of the public key's 32 bytes, 64 lower-case hexadecimal digits.
  public var fingerprint: String { publicKey.fingerprint }

  /// The Ed25519 signature over the bytes themselves (PureEdDSA, RFC 8032), 64 bytes.
  public func sign(_ message: [UInt8]) throws(Fault) -> [UInt8] {
    do { return Array(try key.signature(for: message)) } catch { throw Fault(.keyFileBroken, "\(error)") }
  }
}

public import Model

/// A signed statement that a chain had a given hash at a given number. A chain alone does not show a cut tail; the newest head does.
///
/// The journal's heads lie in `DATA/journal/heads.jsonl`; other chains (recorded segments) use the same form under their own name.
public struct ChainHead: Hashable, Sendable {
  /// `journal`, or the name of another chain.
  public var chain: String
  /// The node that signed.
  public var node: String
  /// The kernel's id of the boot that ``bootTime`` belongs to.
  public var boot: String
  /// Number of the last link, 1…
  public var sequence: Int64
  /// SHA-256 of that link, lower-case hexadecimal.
  public var hash: String
  /// When it was signed, on that boot's clock.
  public var bootTime: BootTime
  /// The same instant as a label, RFC 3339; kept as text, for it is signed.
  public var wall: String
  /// The key that ``signature`` is of, as the head itself claims.
  public var key: NodePublicKey
  /// Ed25519 over ``signedBytes``, 64 bytes.
  public var signature: [UInt8]

  /// Signs a head with this node's key.
  public static func sign(
    chain: String, node: String, boot: String, sequence: Int64, hash: String, bootTime: BootTime, wall: WallTime, by identity: NodeIdentity
  ) throws(Fault) -> ChainHead {
    var head = ChainHead(
      chain: chain, node: node, boot: boot, sequence: sequence, hash: hash, bootTime: bootTime, wall: wall.description,
      key: identity.publicKey, signature: [])
    guard head.isPlain else { throw Fault(.factInvalid, "head of \(chain)") }
    head.signature = try identity.sign(head.signedBytes)
    return head
  }

  /// What the signature is over: nine lines of UTF-8, each ended by LF (docs/journal.md).
  public var signedBytes: [UInt8] {
    Array(
      """
      FirstFrame head v1
      chain=\(chain)
      node=\(node)
      boot=\(boot)
      seq=\(sequence)
      hash=\(hash)
      boottimeNs=\(bootTime.nanoseconds)
      wall=\(wall)
      key=\(Hex.encode(key.raw))

      """.utf8)
  }

  /// The line as it stands in a file, LF included.
  public var line: [UInt8] {
    Array(
      ("{\"v\":1,\"chain\":\(JSON.string(chain).text),\"node\":\(JSON.string(node).text),\"boot\":\(JSON.string(boot).text),\"seq\":\(sequence)"
        + ",\"hash\":\"\(hash)\",\"boottimeNs\":\(bootTime.nanoseconds),\"wall\":\"\(wall)\",\"key\":\"\(Hex.encode(key.raw))\""
        + ",\"signature\":\"\(Hex.encode(signature))\"}\n").utf8)
  }

  /// Reads a line, LF included. Nil unless writing it again gives the same bytes, so that no byte of it can change unseen.
  public init?(line: [UInt8]) {
    guard line.last == 10, let json = try? JSON(parsing: line.dropLast()), json["v"]?.intValue == 1,
      let chain = json["chain"]?.stringValue, let node = json["node"]?.stringValue, let boot = json["boot"]?.stringValue,
      let sequence = json["seq"]?.intValue, let hash = json["hash"]?.stringValue, JournalLine.isHash(hash),
      let bootTime = json["boottimeNs"]?.intValue, let wall = json["wall"]?.stringValue,
      let key = json["key"]?.stringValue.flatMap({ Hex.decode($0) }).flatMap(NodePublicKey.init(raw:)),
      let signature = json["signature"]?.stringValue.flatMap({ Hex.decode($0) }), signature.count == 64
    else { return nil }
    self.init(
      chain: chain, node: node, boot: boot, sequence: sequence, hash: hash, bootTime: BootTime(nanoseconds: bootTime), wall: wall,
      key: key, signature: signature)
    guard isPlain, self.line == line else { return nil }
  }

  /// Without control characters, so that no value can pass for two lines of ``signedBytes``.
  private var isPlain: Bool { [chain, node, boot, wall].allSatisfy { $0.utf8.allSatisfy { $0 >= 32 } } }

  private init(
    chain: String, node: String, boot: String, sequence: Int64, hash: String, bootTime: BootTime, wall: String, key: NodePublicKey,
    signature: [UInt8]
  ) {
    self.chain = chain
    self.node = node
    self.boot = boot
    self.sequence = sequence
    self.hash = hash
    self.bootTime = bootTime
    self.wall = wall
    self.key = key
    self.signature = signature
  }

  /// Whether the signature is ``key``'s over ``signedBytes``. That the key is the node's own must be known from elsewhere.
  public var isValid: Bool { key.isValid(signature: signature, of: signedBytes) }
}

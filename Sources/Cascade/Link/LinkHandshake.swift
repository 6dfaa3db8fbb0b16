internal import Crypto
internal import FoundationEssentials
internal import Journal
internal import Model

/// The three messages that begin a control link, decided without I/O (docs/control-link.md): `hello` and `proof` from the lower node, `welcome`
/// from the upper. Each side signs everything that both have sent, with fresh challenges, so neither can be impersonated nor replayed.
struct LinkHandshake {
  /// The other end, as it introduced itself.
  struct Party {
    var node: String
    var boot: String
    var key: NodePublicKey
  }

  let isLower: Bool
  private let identity: NodeIdentity
  private let node: String
  private let boot: String
  private let ephemeral = Curve25519.KeyAgreement.PrivateKey()
  private var hello: [UInt8] = []
  private var welcome: [UInt8] = []
  private var peerEphemeral: [UInt8] = []
  private(set) var peer: Party?
  /// Which node the other end said to be, proven or not.
  private(set) var claimed: String?

  init(isLower: Bool, identity: NodeIdentity, node: String, boot: String) {
    self.isLower = isLower
    self.identity = identity
    self.node = node
    self.boot = boot
  }

  private func introduction(_ type: String) -> [String: JSON] {
    [
      "v": 1, "type": .string(type), "node": .string(node), "boot": .string(boot), "key": .string(Hex.encode(identity.publicKey.raw)),
      "ephemeral": .string(Hex.encode(ephemeral.publicKey.rawRepresentation)), "challenge": .string(RandomHex.digits(64)),
    ]
  }

  // MARK: Lower

  mutating func makeHello() -> [UInt8] {
    hello = Array(JSON.object(introduction("hello")).text.utf8)
    return hello
  }

  /// - Parameter expected: the fingerprint that pairing stored.
  /// Throws ``FaultCode/peerKeyMismatch`` for another node than the paired one, or `.linkMalformed`.
  mutating func receive(welcome bytes: [UInt8], expected: String) throws(Fault) -> (proof: [UInt8], cipher: LinkCipher) {
    let fields = try LinkHandshake.parse(bytes, type: "welcome")
    guard let signature = fields["signature"]?.stringValue.flatMap({ Hex.decode($0) }) else { throw Fault(.linkMalformed, "signature") }
    var unsigned = fields
    unsigned["signature"] = nil
    let party = try LinkHandshake.party(fields)
    guard party.key.fingerprint == expected else { throw Fault(.peerKeyMismatch, party.key.fingerprintForReading) }
    let signed = LinkHandshake.signed("upper", hello, Array(JSON.object(unsigned).text.utf8))
    guard party.key.isValid(signature: signature, of: signed) else { throw Fault(.peerKeyMismatch, party.node) }
    peer = party
    peerEphemeral = try LinkHandshake.ephemeral(fields)
    welcome = bytes
    let own = try identity.sign(LinkHandshake.signed("lower", hello, welcome))
    let proof = JSON.object(["v": 1, "type": "proof", "signature": .string(Hex.encode(own))])
    return (Array(proof.text.utf8), try cipher())
  }

  // MARK: Upper

  /// - Parameter known: the key that pairing stored for a node; nil when it was never paired.
  /// Throws ``FaultCode/peerKeyMismatch`` for a node that was never paired, or with another key, or `.linkMalformed`.
  mutating func receive(hello bytes: [UInt8], known: (String) -> NodePublicKey?) throws(Fault) -> [UInt8] {
    let fields = try LinkHandshake.parse(bytes, type: "hello")
    let party = try LinkHandshake.party(fields)
    claimed = party.node
    guard let key = known(party.node), key == party.key else { throw Fault(.peerKeyMismatch, party.node) }
    hello = bytes
    peer = party
    peerEphemeral = try LinkHandshake.ephemeral(fields)
    var answer = introduction("welcome")
    let signed = LinkHandshake.signed("upper", hello, Array(JSON.object(answer).text.utf8))
    answer["signature"] = .string(Hex.encode(try identity.sign(signed)))
    welcome = Array(JSON.object(answer).text.utf8)
    return welcome
  }

  /// Throws ``FaultCode/peerKeyMismatch`` when the other end does not have the key of its hello.
  mutating func receive(proof bytes: [UInt8]) throws(Fault) -> LinkCipher {
    let fields = try LinkHandshake.parse(bytes, type: "proof")
    guard let peer, let signature = fields["signature"]?.stringValue.flatMap({ Hex.decode($0) }),
      peer.key.isValid(signature: signature, of: LinkHandshake.signed("lower", hello, welcome))
    else { throw Fault(.peerKeyMismatch, peer?.node ?? "") }
    return try cipher()
  }

  // MARK: Shared

  private func cipher() throws(Fault) -> LinkCipher {
    guard let keys = LinkKeys(own: ephemeral, peerEphemeral: peerEphemeral, transcript: hello + welcome, isLower: isLower) else {
      throw Fault(.linkMalformed, "ephemeral")
    }
    return LinkCipher(keys)
  }

  private static func signed(_ role: String, _ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    Array("firstframe control link 1 \(role)\n".utf8) + first + [10] + second
  }

  private static func parse(_ bytes: [UInt8], type: String) throws(Fault) -> [String: JSON] {
    guard let fields = (try? JSON(parsing: bytes))?.objectValue, fields["v"] == 1, fields["type"]?.stringValue == type else {
      throw Fault(.linkMalformed, "expected \(type)")
    }
    return fields
  }

  private static func party(_ fields: [String: JSON]) throws(Fault) -> Party {
    guard let node = fields["node"]?.stringValue, StreamName.isSegment(node), node.utf8.count <= 64, let boot = fields["boot"]?.stringValue,
      boot.utf8.count <= 64, let raw = fields["key"]?.stringValue.flatMap({ Hex.decode($0) }), let key = NodePublicKey(raw: raw),
      let challenge = fields["challenge"]?.stringValue, challenge.utf8.count == 64
    else { throw Fault(.linkMalformed, "introduction") }
    return Party(node: node, boot: boot, key: key)
  }

  private static func ephemeral(_ fields: [String: JSON]) throws(Fault) -> [UInt8] {
    guard let bytes = fields["ephemeral"]?.stringValue.flatMap({ Hex.decode($0) }), bytes.count == 32 else {
      throw Fault(.linkMalformed, "ephemeral")
    }
    return bytes
  }
}

internal import Crypto
internal import Journal
internal import Model

/// The two messages of pairing: `pair` from the lower node, `paired` or `refused` back. Each proves that it knows the code, over its own key, so that
/// nobody in between can put in another.
enum PairingExchange {
  static func request(node: String, key: NodePublicKey, code: PairingCode) -> (bytes: [UInt8], nonce: String) {
    let nonce = RandomHex.digits(32)
    let json: JSON = [
      "v": 1, "type": "pair", "node": .string(node), "key": .string(Hex.encode(key.raw)), "nonce": .string(nonce),
      "proof": .string(code.proof(role: "lower", node: node, key: key, nonce: nonce)),
    ]
    return (Array(json.text.utf8), nonce)
  }

  /// What the upper node makes of a request: the peer to remember and the answer. Uses up the code, or one of its attempts. Blocks; one at a time.
  /// - Parameter may: throws why a node that proves the code may not have its name; its last parameter is the name whose key may be replaced.
  static func answer(
    _ bytes: [UInt8], node: String, key: NodePublicKey, dataFolder: String, now: WallTime,
    may: (_ node: String, _ key: NodePublicKey, _ replaces: String?) throws(Fault) -> Void = { _, _, _ throws(Fault) in }
  ) throws(Fault) -> (peer: (node: String, key: NodePublicKey), answer: [UInt8]) {
    guard let fields = (try? JSON(parsing: bytes))?.objectValue, fields["v"] == 1, let peer = fields["node"]?.stringValue,
      StreamName.isSegment(peer), peer.utf8.count <= 64, let raw = fields["key"]?.stringValue.flatMap({ Hex.decode($0) }),
      let peerKey = NodePublicKey(raw: raw), let nonce = fields["nonce"]?.stringValue, let proof = fields["proof"]?.stringValue
    else { throw Fault(.linkMalformed, "pair") }
    guard var pending = try PendingPairing.load(dataFolder: dataFolder, now: now) else { throw Fault(.pairingExpired) }
    // The attempt is used up before it is looked at: on a disk that takes nothing nobody may guess for ever.
    pending.attemptsLeft -= 1
    try pending.store(dataFolder)
    guard pending.code.isProof(proof, role: "lower", node: peer, key: peerKey, nonce: nonce) else { throw Fault(.pairingCodeWrong) }
    try may(peer, peerKey, pending.replaces)
    try PendingPairing.remove(dataFolder: dataFolder)
    let json: JSON = [
      "v": 1, "type": "paired", "node": .string(node), "key": .string(Hex.encode(key.raw)),
      "proof": .string(pending.code.proof(role: "upper", node: node, key: key, nonce: nonce)),
    ]
    return ((peer, peerKey), Array(json.text.utf8))
  }

  /// The upper node as its answer proves it.
  static func conclude(_ bytes: [UInt8], nonce: String, code: PairingCode) throws(Fault) -> (node: String, key: NodePublicKey) {
    guard let fields = (try? JSON(parsing: bytes))?.objectValue else { throw Fault(.linkMalformed, "paired") }
    if fields["type"]?.stringValue == "refused" {
      throw Fault(fields["code"]?.stringValue.flatMap(FaultCode.init(rawValue:)) ?? .pairingCodeWrong)
    }
    guard let node = fields["node"]?.stringValue, StreamName.isSegment(node), let raw = fields["key"]?.stringValue.flatMap({ Hex.decode($0) }),
      let key = NodePublicKey(raw: raw), let proof = fields["proof"]?.stringValue,
      code.isProof(proof, role: "upper", node: node, key: key, nonce: nonce)
    else { throw Fault(.pairingCodeWrong) }
    return (node, key)
  }

  static func refusal(_ fault: Fault) -> [UInt8] {
    Array(JSON.object(["v": 1, "type": "refused", "code": .string(fault.code.rawValue)]).text.utf8)
  }
}

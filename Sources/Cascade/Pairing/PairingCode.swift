internal import Crypto
internal import FoundationEssentials
internal import Journal
public import Model

/// A one-time code of sixty bits that the upper centre reads out to the lower: twelve characters without 0/O and 1/I, valid ten minutes, for one use.
public struct PairingCode: Sendable, Hashable {
  public static let lifetime = Nanoseconds.seconds(600)
  private static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
  /// Twelve characters of the alphabet.
  public let text: String

  public init() {
    var generator = SystemRandomNumberGenerator()
    text = String((0..<12).map { _ in PairingCode.alphabet[Int.random(in: 0..<32, using: &generator)] })
  }

  /// As a person typed it: spaces, hyphens and lower case are forgiven; nil for anything else.
  public init?(typed: String) {
    let cleaned = typed.uppercased().filter { $0 != " " && $0 != "-" }
    guard cleaned.count == 12, cleaned.allSatisfy({ PairingCode.alphabet.contains($0) }) else { return nil }
    text = cleaned
  }

  /// `ABCD-EFGH-JKLM`, to be read out.
  public var forReading: String {
    var out = ""
    for (index, character) in text.enumerated() {
      if index > 0, index % 4 == 0 { out.append("-") }
      out.append(character)
    }
    return out
  }

  /// HMAC-SHA256 under the code: proves that the other end knows it, over its name, key and the lower's nonce.
  func proof(role: String, node: String, key: NodePublicKey, nonce: String) -> String {
    let code = SymmetricKey(data: SHA256.hash(data: Array("firstframe pairing 1 \(text)".utf8)))
    let said = Array("\(role) \(node) \(Hex.encode(key.raw)) \(nonce)".utf8)
    return Hex.encode(HMAC<SHA256>.authenticationCode(for: said, using: code))
  }

  func isProof(_ proof: String, role: String, node: String, key: NodePublicKey, nonce: String) -> Bool {
    let expected = Array(self.proof(role: role, node: node, key: key, nonce: nonce).utf8)
    let given = Array(proof.utf8)
    guard given.count == expected.count else { return false }
    return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

/// The code that waits at the upper node: `DATA/keys/pairing.json`, written by `firstframe pair`, used up by the running node.
public struct PendingPairing: Sendable {
  static let attempts: Int64 = 5
  public var code: PairingCode
  var expires: WallTime
  var attemptsLeft: Int64

  public static func path(_ dataFolder: String) -> String { dataFolder + "/keys/pairing.json" }

  /// Makes a new code, replacing one that waits. Blocks.
  public static func create(dataFolder: String, now: WallTime) throws(Fault) -> PendingPairing {
    let pending = PendingPairing(
      code: PairingCode(), expires: WallTime(nanoseconds: now.nanoseconds &+ PairingCode.lifetime.value), attemptsLeft: attempts)
    try pending.store(dataFolder)
    return pending
  }

  /// The code that waits now; nil when there is none or it expired. Blocks.
  static func load(dataFolder: String, now: WallTime) throws(Fault) -> PendingPairing? {
    guard let bytes = try Disk.read(path(dataFolder), limit: 4096), let json = try? JSON(parsing: bytes),
      let code = json["code"]?.stringValue.flatMap({ PairingCode(typed: $0) }), let expires = json["expires"]?.stringValue.flatMap({ WallTime($0) }),
      let left = json["attemptsLeft"]?.intValue, left > 0, now < expires
    else { return nil }
    return PendingPairing(code: code, expires: expires, attemptsLeft: left)
  }

  func store(_ dataFolder: String) throws(Fault) {
    let json: JSON = [
      "code": .string(code.text), "expires": .string(expires.description), "attemptsLeft": .int(attemptsLeft),
    ]
    try Disk.makeFolder(dataFolder + "/keys", mode: 0o700)
    try Disk.replace(PendingPairing.path(dataFolder), with: Array((json.text + "\n").utf8), mode: 0o600)
  }

  static func remove(dataFolder: String) throws(Fault) { try Disk.remove(path(dataFolder)) }
}

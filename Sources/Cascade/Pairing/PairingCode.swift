internal import Crypto
internal import FoundationEssentials
internal import Journal
public import Model

/// A one-time code of sixty bits that the upper centre reads out to the lower: twelve characters without 0/O and 1/I, valid ten minutes, for one use.
public struct PairingCode: Sendable, Hashable {
  /// How long a code waits.
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
    let message = Array("\(role) \(node) \(Hex.encode(key.raw)) \(nonce)".utf8)
    return Hex.encode(HMAC<SHA256>.authenticationCode(for: message, using: code))
  }

  func isProof(_ proof: String, role: String, node: String, key: NodePublicKey, nonce: String) -> Bool {
    let expected = Array(self.proof(role: role, node: node, key: key, nonce: nonce).utf8)
    let given = Array(proof.utf8)
    guard given.count == expected.count else { return false }
    return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

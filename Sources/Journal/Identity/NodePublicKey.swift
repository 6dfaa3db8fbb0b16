internal import Crypto
internal import FoundationEssentials
internal import Model

/// A node's Ed25519 public key: what a peer, an inspector and `openssl` verify signatures with.
public struct NodePublicKey: Hashable, Sendable {
  /// The 32 bytes of RFC 8032.
  public let raw: [UInt8]

  /// Nil when it is not 32 bytes.
  public init?(raw: [UInt8]) {
    guard raw.count == 32 else { return nil }
    self.raw = raw
  }

  /// From SubjectPublicKeyInfo PEM, as `openssl pkey -pubout` writes it; nil for any other key.
  public init?(pem: String) {
    guard let raw = PEM.decode(pem, label: "PUBLIC KEY", prefix: PEM.publicPrefix) else { return nil }
    self.raw = raw
  }

  /// From `DATA/keys/pub.pem`; nil when there is none or it holds another kind of key. Blocks.
  public init?(dataFolder: String) {
    guard let bytes = try? Disk.read(dataFolder + "/keys/pub.pem", limit: 4096) else { return nil }
    self.init(pem: String(decoding: bytes, as: UTF8.self))
  }

  /// SubjectPublicKeyInfo PEM (RFC 8410 §4): `openssl pkeyutl -verify -pubin -inkey FILE -rawin` reads it.
  public var pem: String { PEM.encode("PUBLIC KEY", prefix: PEM.publicPrefix, raw: raw) }

  /// SHA-256 of the 32 raw bytes, 64 lower-case hexadecimal digits.
  public var fingerprint: String { Hex.encode(SHA256.hash(data: raw)) }

  /// The fingerprint in groups of four, to be compared by telephone.
  public var fingerprintForReading: String {
    var text = ""
    for (index, digit) in fingerprint.enumerated() {
      if index > 0, index % 4 == 0 { text.append(" ") }
      text.append(digit)
    }
    return text
  }

  /// Whether `signature` (64 bytes, RFC 8032 PureEdDSA) is this key's over `message`.
  public func isValid(signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else { return false }
    return key.isValidSignature(signature, for: message)
  }
}

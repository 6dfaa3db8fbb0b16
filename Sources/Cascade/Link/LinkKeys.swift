internal import Crypto
internal import FoundationEssentials
internal import Journal
internal import Model

/// One control link's session keys: X25519, bound to both nodes' Ed25519 identities by their signatures, spread with HKDF-SHA256.
struct LinkKeys {
  var sending: SymmetricKey
  var receiving: SymmetricKey

  /// - Parameter isLower: whether this is the side that dialled.
  init?(own: Curve25519.KeyAgreement.PrivateKey, peerEphemeral: [UInt8], transcript: [UInt8], isLower: Bool) {
    guard let peer = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: peerEphemeral),
      let secret = try? own.sharedSecretFromKeyAgreement(with: peer)
    else { return nil }
    let salt = Data(SHA256.hash(data: transcript))
    let material = secret.hkdfDerivedSymmetricKey(
      using: SHA256.self, salt: salt, sharedInfo: Data("firstframe control link 1".utf8), outputByteCount: 64)
    let bytes = material.withUnsafeBytes { Array($0) }
    let lower = SymmetricKey(data: bytes[..<32])
    let upper = SymmetricKey(data: bytes[32...])
    sending = isLower ? lower : upper
    receiving = isLower ? upper : lower
  }
}

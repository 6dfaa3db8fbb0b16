internal import Crypto
internal import Model

/// Digest with MD5 (RFC 2617 §3), without qop and with `auth`: what cameras and kits speak. MD5 is theirs; it keeps the password off
/// the wire and no more.
public enum DigestAuthentication {
  /// The realm of our own challenges. It is part of every stored ``ha1(user:realm:password:)``, so it never changes.
  public static let realm = "FirstFrame"

  /// What a server may keep instead of the password: MD5 of `user:realm:password`, 32 hexadecimal digits.
  public static func ha1(user: String, realm: String = DigestAuthentication.realm, password: String) -> String {
    md5("\(user):\(realm):\(password)")
  }

  /// The `response` that these fields ought to carry. Nil for an algorithm or a qop that is not ours, or when `auth` lacks its fields.
  public static func response(_ fields: DigestCredentials, method: RTSPMethod, ha1: String) -> String? {
    if let algorithm = fields.algorithm, !RTSPHeaders.equal(algorithm, "MD5") { return nil }
    let ha2 = md5("\(method):\(fields.uri)")
    guard let qop = fields.qop else { return md5("\(ha1):\(fields.nonce):\(ha2)") }
    guard RTSPHeaders.equal(qop, "auth"), let count = fields.nonceCount, let clientNonce = fields.clientNonce else { return nil }
    return md5("\(ha1):\(fields.nonce):\(count):\(clientNonce):\(qop):\(ha2)")
  }

  /// Whether the client knows the password behind `ha1`. The comparison takes the same time wherever they differ. That the nonce and the
  /// realm are ours is for the caller to see (``RTSPServerState`` does).
  public static func verify(_ fields: DigestCredentials, method: RTSPMethod, ha1: String) -> Bool {
    guard let expected = response(fields, method: method, ha1: ha1) else { return false }
    return equalInConstantTime(expected, fields.response.lowercased())
  }

  /// A client's answer to a challenge; nil when its algorithm is not ours.
  /// - Parameters:
  ///   - clientNonce: random text, used when the challenge offers `auth`.
  ///   - count: how often this nonce was used, from 1.
  public static func answer(
    _ challenge: DigestChallenge, user: String, password: String, method: RTSPMethod, uri: String, clientNonce: String, count: UInt32
  ) -> DigestCredentials? {
    guard challenge.isSupported else { return nil }
    var fields = DigestCredentials(user: user, realm: challenge.realm, nonce: challenge.nonce, uri: uri, response: "")
    fields.opaque = challenge.opaque
    fields.algorithm = challenge.algorithm
    if challenge.offersAuth {
      fields.qop = "auth"
      fields.nonceCount = Hex.encode(withUnsafeBytes(of: count.bigEndian) { Array($0) })
      fields.clientNonce = clientNonce
    }
    let ha1 = ha1(user: user, realm: challenge.realm, password: password)
    guard let response = response(fields, method: method, ha1: ha1) else { return nil }
    fields.response = response
    return fields
  }

  static func equalInConstantTime(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func md5(_ text: String) -> String { Hex.encode(Insecure.MD5.hash(data: Array(text.utf8))) }
}

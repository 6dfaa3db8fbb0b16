internal import Model

/// Digest (RFC 7616) with MD5 and SHA-256, without qop, with `auth` and with `auth-int`: what cameras and kits speak. Our own challenges are MD5
/// (RFC 2617), for every encoder knows it; it keeps the password off the wire and no more.
public enum DigestAuthentication {
  /// The realm of our own challenges. It is part of every stored ``ha1(user:realm:password:)``, so it never changes.
  public static let realm = "FirstFrame"

  /// What a server may keep instead of the password: MD5 of `user:realm:password`, 32 hexadecimal digits.
  public static func ha1(user: String, realm: String = DigestAuthentication.realm, password: String) -> String {
    DigestAlgorithm.md5.digest("\(user):\(realm):\(password)")
  }

  /// The `response` that these fields ought to carry. Nil for an algorithm or a qop that is not ours, or when a field is missing that they need.
  /// - Parameters:
  ///   - ha1: the hash of `user:realm:password`, by the fields' own algorithm.
  ///   - body: of the request; part of the hash with `auth-int` only.
  public static func response(_ fields: DigestCredentials, method: RTSPMethod, ha1: String, body: [UInt8] = []) -> String? {
    guard let algorithm = DigestAlgorithm(fields.algorithm) else { return nil }
    var key = ha1
    if algorithm.isSession {
      guard let clientNonce = fields.clientNonce else { return nil }
      key = algorithm.digest("\(ha1):\(fields.nonce):\(clientNonce)")
    }
    let asked = "\(method):\(fields.uri)"
    guard let qop = fields.qop else { return algorithm.digest("\(key):\(fields.nonce):" + algorithm.digest(asked)) }
    guard let count = fields.nonceCount, let clientNonce = fields.clientNonce else { return nil }
    let ha2: String
    switch qop.lowercased() {
    case "auth": ha2 = algorithm.digest(asked)
    case "auth-int": ha2 = algorithm.digest(asked + ":" + algorithm.digest(body))
    default: return nil
    }
    return algorithm.digest("\(key):\(fields.nonce):\(count):\(clientNonce):\(qop):\(ha2)")
  }

  /// Whether the client knows the password behind `ha1`, as an answer to one of our own challenges: MD5, without `auth-int`. The comparison takes the
  /// same time wherever they differ. That the nonce and the realm are ours is for the caller to see (``RTSPServerState`` does).
  public static func verify(_ fields: DigestCredentials, method: RTSPMethod, ha1: String) -> Bool {
    guard DigestAlgorithm(fields.algorithm) == .md5, fields.qop.map({ RTSPHeaders.equal($0, "auth") }) ?? true,
      let expected = response(fields, method: method, ha1: ha1)
    else { return false }
    return equalInConstantTime(expected, fields.response.lowercased())
  }

  /// A client's answer to a challenge; nil when its algorithm is not ours.
  /// - Parameters:
  ///   - clientNonce: random text, used when the challenge offers a qop or hashes by session.
  ///   - count: how often this nonce was used, from 1.
  ///   - body: of the request.
  public static func answer(
    _ challenge: DigestChallenge, user: String, password: String, method: RTSPMethod, uri: String, clientNonce: String, count: UInt32,
    body: [UInt8] = []
  ) -> DigestCredentials? {
    guard let algorithm = DigestAlgorithm(challenge.algorithm) else { return nil }
    var fields = DigestCredentials(user: user, realm: challenge.realm, nonce: challenge.nonce, uri: uri, response: "")
    fields.opaque = challenge.opaque
    fields.algorithm = challenge.algorithm
    if challenge.offersAuth || challenge.offersIntegrity {
      fields.qop = challenge.offersAuth ? "auth" : "auth-int"
      fields.nonceCount = Hex.encode(withUnsafeBytes(of: count.bigEndian) { Array($0) })
      fields.clientNonce = clientNonce
    } else if algorithm.isSession {
      fields.clientNonce = clientNonce
    }
    let ha1 = algorithm.digest("\(user):\(challenge.realm):\(password)")
    guard let response = response(fields, method: method, ha1: ha1, body: body) else { return nil }
    fields.response = response
    return fields
  }

  static func equalInConstantTime(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

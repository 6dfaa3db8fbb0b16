/// A Digest challenge (RFC 7616 §3.3).
public struct DigestChallenge: Hashable, Sendable {
  /// What the password belongs to; part of the hash.
  public var realm: String
  /// The server's random text; part of the hash.
  public var nonce: String
  /// To be sent back as it came.
  public var opaque: String?
  /// Nil means MD5.
  public var algorithm: String?
  /// The nonce was too old, user and password may be right.
  public var isStale: Bool
  /// Whether `qop` offers `auth`; without it the challenge is that of RFC 2069.
  public var offersAuth: Bool
  /// Whether `qop` offers `auth-int`, which hashes the body too; answered where `auth` is not offered.
  public var offersIntegrity = false

  public init(realm: String, nonce: String, opaque: String? = nil, isStale: Bool = false, offersAuth: Bool = false) {
    self.realm = realm
    self.nonce = nonce
    self.opaque = opaque
    self.isStale = isStale
    self.offersAuth = offersAuth
  }

  init?(_ scheme: AuthenticationScheme) {
    guard scheme.name == "digest", let realm = scheme.parameters["realm"], let nonce = scheme.parameters["nonce"] else { return nil }
    self.init(realm: realm, nonce: nonce, opaque: scheme.parameters["opaque"])
    algorithm = scheme.parameters["algorithm"]
    isStale = scheme.parameters["stale"]?.lowercased() == "true"
    let qops = (scheme.parameters["qop"] ?? "").split(whereSeparator: { $0 == "," || $0 == " " || $0 == ";" })
    offersAuth = qops.contains { RTSPHeaders.equal($0, "auth") }
    offersIntegrity = qops.contains { RTSPHeaders.equal($0, "auth-int") }
  }

  /// Whether we can answer: the algorithm is one of ``DigestAlgorithm``.
  public var isSupported: Bool { DigestAlgorithm(algorithm) != nil }

  /// As a `WWW-Authenticate` header carries it.
  public var text: String {
    var text = "Digest realm=" + HeaderParameters.quoted(realm) + ", nonce=" + HeaderParameters.quoted(nonce)
    if let opaque { text += ", opaque=" + HeaderParameters.quoted(opaque) }
    if let algorithm { text += ", algorithm=" + algorithm }
    if offersAuth { text += ", qop=\"auth\"" }
    if isStale { text += ", stale=true" }
    return text
  }
}

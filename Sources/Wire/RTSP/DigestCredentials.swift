/// The fields of a Digest `Authorization` header (RFC 7616 §3.4).
public struct DigestCredentials: Hashable, Sendable {
  /// In plain text.
  public var user: String
  /// As the challenge said.
  public var realm: String
  /// As the challenge said.
  public var nonce: String
  /// That the client hashed; cameras and proxies may write another than the request's.
  public var uri: String
  /// Hexadecimal: 32 digits of MD5, 64 of SHA-256.
  public var response: String
  /// As the challenge said.
  public var opaque: String?
  /// Nil means MD5.
  public var algorithm: String?
  /// Nil for the form of RFC 2069; then count and client nonce are not used.
  public var qop: String?
  /// Eight hexadecimal digits.
  public var nonceCount: String?
  /// Only with a qop, or with an algorithm that hashes by session.
  public var clientNonce: String?

  public init(user: String, realm: String, nonce: String, uri: String, response: String) {
    self.user = user
    self.realm = realm
    self.nonce = nonce
    self.uri = uri
    self.response = response
  }

  /// Nil when it is no Digest header or lacks a field that every form needs.
  public init?(_ header: String) {
    guard let scheme = AuthenticationScheme.parse(header).first, scheme.name == "digest",
      let user = scheme.parameters["username"], let realm = scheme.parameters["realm"], let nonce = scheme.parameters["nonce"],
      let uri = scheme.parameters["uri"], let response = scheme.parameters["response"]
    else { return nil }
    self.init(user: user, realm: realm, nonce: nonce, uri: uri, response: response)
    opaque = scheme.parameters["opaque"]
    algorithm = scheme.parameters["algorithm"]
    qop = scheme.parameters["qop"]
    nonceCount = scheme.parameters["nc"]
    clientNonce = scheme.parameters["cnonce"]
  }

  /// The `Authorization` header's value.
  public var text: String {
    func quoted(_ name: String, _ value: String) -> String { name + "=" + HeaderParameters.quoted(value) }
    var parts = [
      quoted("username", user), quoted("realm", realm), quoted("nonce", nonce), quoted("uri", uri), quoted("response", response),
    ]
    if let algorithm { parts.append("algorithm=" + algorithm) }
    if let opaque { parts.append(quoted("opaque", opaque)) }
    if let qop { parts.append("qop=" + qop) }
    if let nonceCount { parts.append("nc=" + nonceCount) }
    if let clientNonce { parts.append(quoted("cnonce", clientNonce)) }
    return "Digest " + parts.joined(separator: ", ")
  }
}

/// User and password in the open (RFC 2617 §2).
public enum BasicAuthentication {
  /// From an `Authorization` header; nil when it is no Basic one. The user's name ends at the first colon.
  public static func parse(_ header: String) -> (user: String, password: String)? {
    let words = header.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count == 2, RTSPHeaders.equal(words[0], "basic"), let bytes = Base64Text.decode(trimmed(words[1])),
      let colon = bytes.firstIndex(of: 58)
    else { return nil }
    return (String(decoding: bytes[..<colon], as: UTF8.self), String(decoding: bytes[(colon + 1)...], as: UTF8.self))
  }

  /// The `Authorization` header's value.
  public static func authorization(user: String, password: String) -> String {
    "Basic " + Base64Text.encode(Array((user + ":" + password).utf8))
  }

  /// The `WWW-Authenticate` header's value.
  public static func challenge(realm: String) -> String { "Basic realm=" + HeaderParameters.quoted(realm) }
}

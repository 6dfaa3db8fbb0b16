/// A scheme and its parameters as `Authorization` and `WWW-Authenticate` carry them (RFC 2617 §1.2).
struct AuthenticationScheme: Hashable, Sendable {
  /// In small letters.
  var name: String
  /// What follows the name when it is no list of parameters (Basic's credentials).
  var token: String?
  /// Names in small letters; without quotes. The first of several counts.
  var parameters: [String: String] = [:]

  /// The schemes of one header; a header may name several, separated by the same commas as their parameters.
  static func parse(_ header: String) -> [AuthenticationScheme] {
    var schemes: [AuthenticationScheme] = []
    for part in HeaderParameters.split(header, at: 44).prefix(64) {
      let (scheme, rest) = leadingWord(part)
      if let scheme { schemes.append(AuthenticationScheme(name: scheme.lowercased())) }
      guard let last = schemes.indices.last, !rest.isEmpty else { continue }
      if let scheme, RTSPHeaders.equal(scheme, "basic"), !RTSPHeaders.equal(rest.prefix(5), "realm") {
        schemes[last].token = rest
      } else {
        let (name, value) = HeaderParameters.pair(rest)
        if let value, schemes[last].parameters[name.lowercased()] == nil { schemes[last].parameters[name.lowercased()] = value }
      }
    }
    return schemes
  }

  /// A word followed by a space and something that does not begin with `=` is a scheme; a word alone without `=` too.
  private static func leadingWord(_ part: String) -> (scheme: String?, rest: String) {
    let end = part.utf8.firstIndex { $0 == 32 || $0 == 9 || $0 == 61 || $0 == 34 } ?? part.endIndex
    guard end < part.endIndex else { return (part, "") }
    let rest = trimmed(part[end...])
    guard part.utf8[end] == 32 || part.utf8[end] == 9, rest.utf8.first != 61 else { return (nil, part) }
    return (String(part[..<end]), rest)
  }
}

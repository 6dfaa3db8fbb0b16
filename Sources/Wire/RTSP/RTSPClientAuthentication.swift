/// What a client remembers of the server's challenges.
struct RTSPClientAuthentication: Sendable {
  private enum Scheme: Sendable {
    case none, basic
    case digest(DigestChallenge)
  }
  private var scheme = Scheme.none
  private var count: UInt32 = 0

  /// Takes the strongest challenge that can be answered.
  /// - Returns: whether the server says that only the nonce was too old; nil when no challenge can be answered.
  mutating func receive(challenges headers: [String]) -> Bool? {
    let schemes = headers.flatMap(AuthenticationScheme.parse)
    if let challenge = schemes.lazy.compactMap(DigestChallenge.init).first(where: { $0.isSupported }) {
      scheme = .digest(challenge)
      count = 0
      return challenge.isStale
    }
    guard schemes.contains(where: { $0.name == "basic" }) else { return nil }
    scheme = .basic
    return false
  }

  /// The `Authorization` header of a request; nil before a challenge.
  mutating func authorization(_ configuration: RTSPClientState.Configuration, _ method: RTSPMethod, _ uri: String) -> String? {
    guard let user = configuration.user else { return nil }
    let password = configuration.password ?? ""
    switch scheme {
    case .none: return nil
    case .basic: return BasicAuthentication.authorization(user: user, password: password)
    case .digest(let challenge):
      count &+= 1
      return DigestAuthentication.answer(
        challenge, user: user, password: password, method: method, uri: uri, clientNonce: configuration.clientNonce, count: count)?.text
    }
  }
}

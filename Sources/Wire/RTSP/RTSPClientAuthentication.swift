/// What a client remembers of the server's challenges.
struct RTSPClientAuthentication: Sendable {
  private enum Scheme: Sendable {
    case none, basic
    case digest(DigestChallenge)
  }

  /// What came of the challenges of one answer.
  enum Outcome: Hashable {
    /// One can be answered; whether the server says that only the nonce was too old.
    case answerable(isStale: Bool)
    /// None can: what was asked for, such as `Digest SHA-512-256`; empty when there was no challenge.
    case unanswerable(offered: String)
  }

  private var scheme = Scheme.none
  private var count: UInt32 = 0

  /// Takes the strongest challenge that can be answered: Digest by the strength of its hash, Basic only where no Digest is left.
  mutating func receive(challenges headers: [String]) -> Outcome {
    let schemes = headers.prefix(8).flatMap(AuthenticationScheme.parse)
    var best: (challenge: DigestChallenge, algorithm: DigestAlgorithm)?
    for challenge in schemes.lazy.compactMap(DigestChallenge.init) {
      guard let algorithm = DigestAlgorithm(challenge.algorithm), best.map({ $0.algorithm < algorithm }) ?? true else { continue }
      best = (challenge, algorithm)
    }
    if let best {
      scheme = .digest(best.challenge)
      count = 0
      return .answerable(isStale: best.challenge.isStale)
    }
    guard schemes.contains(where: { $0.name == "basic" }) else { return .unanswerable(offered: Self.names(of: schemes)) }
    scheme = .basic
    return .answerable(isStale: false)
  }

  private static func names(of schemes: [AuthenticationScheme]) -> String {
    let names = schemes.prefix(8).map { scheme -> String in
      guard scheme.name == "digest" else { return scheme.name }
      return "Digest " + (scheme.parameters["algorithm"] ?? "MD5") + (scheme.parameters["nonce"] == nil ? " without nonce" : "")
    }
    return RTSPServerState.clipped(names.joined(separator: ", "))
  }

  /// The `Authorization` header of a request; nil before a challenge.
  mutating func authorization(_ configuration: RTSPClientState.Configuration, _ method: RTSPMethod, _ uri: String, body: [UInt8]) -> String? {
    guard let user = configuration.user else { return nil }
    let password = configuration.password ?? ""
    switch scheme {
    case .none: return nil
    case .basic: return BasicAuthentication.authorization(user: user, password: password)
    case .digest(let challenge):
      count &+= 1
      return DigestAuthentication.answer(
        challenge, user: user, password: password, method: method, uri: uri, clientNonce: configuration.clientNonce, count: count, body: body)?.text
    }
  }
}

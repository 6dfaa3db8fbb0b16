/// What a client says about who it is.
public enum RTSPCredentials: Hashable, Sendable {
  case none
  case basic(user: String, password: String)
  case digest(DigestCredentials)

  /// From an `Authorization` header; a scheme we do not know, or a broken one, counts as none.
  public init(authorization header: String?) {
    self = .none
    guard let header, let scheme = AuthenticationScheme.parse(header).first else { return }
    switch scheme.name {
    case "basic":
      if let (user, password) = BasicAuthentication.parse(header) { self = .basic(user: user, password: password) }
    case "digest":
      if let digest = DigestCredentials(header) { self = .digest(digest) }
    default: break
    }
  }

  /// The user's name; nil for none.
  public var user: String? {
    switch self {
    case .none: nil
    case .basic(let user, _): user
    case .digest(let digest): digest.user
    }
  }
}

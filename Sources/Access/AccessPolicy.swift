public import Model

/// Who somebody says they are, as each protocol carries it.
public enum AccessCredentials: Sendable {
  case none
  case userPassword(user: String, password: String)
  /// A name with a way to check a digest against that name's HA1 (RFC 2617).
  case digest(user: String, matches: @Sendable (_ ha1: String) -> Bool)
  /// `NAME:SECRET`, or the bare secret.
  case token(String)
}

/// Decides who may do what: deny by default. Pure and quick enough for an event loop.
public struct AccessPolicy: Sendable {
  public enum Mode: Sendable, Hashable { case open, keys }

  public enum Decision: Sendable {
    /// - Parameter keyName: nil in open mode.
    case allowed(keyName: String?)
    case refused(Fault)
  }

  public let mode: Mode
  private let store: AccessStore

  /// Throws ``FaultCode/openBindRefused`` for open access beyond loopback that nobody asked for.
  public init(mode: Mode, bind: String, openAnywhere: Bool, store: AccessStore) throws(Fault) {
    if mode == .open, !openAnywhere, !AccessPolicy.isLoopback(bind) { throw Fault(.openBindRefused, bind) }
    self.mode = mode
    self.store = store
  }

  public static func isLoopback(_ address: String) -> Bool {
    address == "::1" || address == "localhost" || (address.hasPrefix("127.") && address.split(separator: ".").count == 4)
  }

  public func decide(_ action: AccessAction, stream: StreamName? = nil, credentials: AccessCredentials) -> Decision {
    guard mode == .keys else { return .allowed(keyName: nil) }
    let key: AccessKey?
    switch credentials {
    case .none: return .refused(Fault(.credentialsMissing))
    case .userPassword(let user, let password): key = store.all.first { $0.name == user && $0.isSecret(password) }
    case .digest(let user, let matches): key = store.all.first { $0.name == user && matches($0.ha1) }
    case .token(let token): key = keyOf(token)
    }
    guard let key else { return .refused(Fault(.credentialsWrong)) }
    return key.allows(action, on: stream) ? .allowed(keyName: key.name) : .refused(Fault(.accessDenied, key.name))
  }

  private func keyOf(_ token: String) -> AccessKey? {
    if let colon = token.firstIndex(of: ":") {
      let name = String(token[..<colon])
      let secret = String(token[token.index(after: colon)...])
      return store.all.first { $0.name == name && $0.isSecret(secret) }
    }
    return store.all.first { $0.isSecret(token) }
  }
}

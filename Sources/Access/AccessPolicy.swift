public import Model

/// Who somebody says they are, as each protocol carries it.
public enum AccessCredentials: Sendable {
  case none
  case userPassword(user: String, password: String)
  /// A name with a way to check a digest against that name's HA1 (RFC 2617).
  case digest(user: String, matches: @Sendable (_ ha1: String) -> Bool)
  /// `NAME:SECRET`, or the bare secret.
  case token(String)

  /// Whether these prove the secret behind an HA1 (RFC 2617), as user and password or as a digest; false for a token and for nothing.
  public func matches(ha1: String) -> Bool {
    switch self {
    case .none, .token: false
    case .userPassword(let user, let password): AccessKey.equal(AccessKey.ha1(user: user, secret: password), ha1)
    case .digest(_, let matches): matches(ha1)
    }
  }

  /// Who it claims to be, proven or not; nil where nothing claims a name.
  public var name: String? {
    switch self {
    case .none: nil
    case .userPassword(let user, _), .digest(let user, _): user
    case .token(let token): token.firstIndex(of: ":").map { String(token[..<$0]) }
    }
  }
}

/// Decides who may do what: deny by default. Pure and quick enough for an event loop.
public struct AccessPolicy: Sendable {
  public enum Mode: String, Sendable, CaseIterable { case open, keys }

  public enum Decision: Sendable {
    /// - Parameter keyName: nil in open mode.
    case allowed(keyName: String?)
    case refused(Fault)
  }

  public let mode: Mode
  private let store: AccessStore
  private let clock: any NodeClock

  /// Throws ``FaultCode/openBindRefused`` for open access beyond loopback that nobody asked for.
  /// - Parameter clock: by whose wall time keys expire.
  public init(mode: Mode, bind: String, openAnywhere: Bool, store: AccessStore, clock: any NodeClock = SystemClock()) throws(Fault) {
    if mode == .open, !openAnywhere, !AccessPolicy.isLoopback(bind) { throw Fault(.openBindRefused, bind) }
    self.mode = mode
    self.store = store
    self.clock = clock
  }

  public static func isLoopback(_ address: String) -> Bool {
    if address == "::1" || address == "[::1]" || address == "localhost" { return true }
    // Numbers alone: `127.0.0.example` is a host's name, and anyone's.
    let parts = address.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in
        part.utf8.count <= 3 && part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
      }
  }

  public func decide(_ action: AccessAction, stream: StreamName? = nil, credentials: AccessCredentials) -> Decision {
    guard mode == .keys else { return .allowed(keyName: nil) }
    let key: AccessKey?
    switch credentials {
    case .none: return .refused(Fault(.credentialsMissing))
    case .userPassword(let user, let password): key = keyNamed(user) { $0.isSecret(password) }
    case .digest(let user, let matches): key = keyNamed(user) { matches($0.ha1) }
    case .token(let token): key = keyOf(token)
    }
    guard let key else { return .refused(Fault(.credentialsWrong)) }
    // Only to whoever proved the secret: to all others the key is not there.
    if let end = key.expires, key.isExpired(at: clock.wallTime()) { return .refused(Fault(.keyExpired, "\(key.name): \(end)")) }
    return key.allows(action, on: stream) ? .allowed(keyName: key.name) : .refused(Fault(.accessDenied, key.name))
  }

  private func keyOf(_ token: String) -> AccessKey? {
    if let colon = token.firstIndex(of: ":") {
      let name = String(token[..<colon])
      let secret = String(token[token.index(after: colon)...])
      return keyNamed(name) { $0.isSecret(secret) }
    }
    // All are compared, so that the time tells nothing of which key nearly fitted.
    return store.all.reduce(nil) { found, key in key.isSecret(token) ? key : found }
  }

  /// The key of that name that the proof fits. A name that is not there costs a proof as well: the time does not tell which names exist.
  private func keyNamed(_ name: String, proof: (AccessKey) -> Bool) -> AccessKey? {
    guard let key = store.all.first(where: { $0.name == name }) else {
      _ = proof(AccessPolicy.nobody)
      return nil
    }
    return proof(key) ? key : nil
  }

  /// Nobody has its secret: it was thrown away.
  private static let nobody = AccessKey.make(
    name: "-", paths: [], publish: false, read: false, role: .field, now: WallTime(nanoseconds: 0)
  ).key
}

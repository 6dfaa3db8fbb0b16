public import Model

/// The question whether somebody may publish or read a stream.
public struct RTSPAuthorisation: Hashable, Sendable {
  /// What is asked for: ANNOUNCE is publishing, DESCRIBE and SETUP are reading.
  public enum Action: String, Sendable { case publish, read }

  /// Publishing or reading.
  public var action: Action
  /// From the request's path.
  public var stream: StreamName
  /// From the `Authorization` header.
  public var credentials: RTSPCredentials
  /// Part of what a Digest response signs.
  public var method: RTSPMethod
  /// Of the query `?key=`, for devices that can enter nothing but an address.
  public var key: String?

  public init(action: Action, stream: StreamName, credentials: RTSPCredentials, method: RTSPMethod, key: String? = nil) {
    self.action = action
    self.stream = stream
    self.credentials = credentials
    self.method = method
    self.key = key
  }

  /// Whether user and password are those behind a stored ``DigestAuthentication/ha1(user:realm:password:)``; takes the same time
  /// wherever they differ. False without credentials.
  public func matches(ha1: String, realm: String = DigestAuthentication.realm) -> Bool {
    switch credentials {
    case .none: false
    case .basic(let user, let password):
      DigestAuthentication.equalInConstantTime(DigestAuthentication.ha1(user: user, realm: realm, password: password), ha1)
    case .digest(let fields): isMeant(fields.uri) && DigestAuthentication.verify(fields, method: method, ha1: ha1)
    }
  }

  /// Whether a Digest's `uri` is an address of this stream, or of a track of it: an answer that was overheard opens nothing else. Host and port may be
  /// others, for a proxy or an address translation stands between.
  private func isMeant(_ uri: String) -> Bool {
    let path = RTSPURL(uri)?.path ?? String(uri.prefix { $0 != "?" })
    guard let named = percentDecoded(path) else { return false }
    return ((named.hasPrefix("/") ? String(named.dropFirst()) : named) + "/").hasPrefix(stream.path + "/")
  }
}

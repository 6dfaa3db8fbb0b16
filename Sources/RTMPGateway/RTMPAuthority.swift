public import Model

/// What somebody asks to do over RTMP.
public struct RTMPAccessRequest: Hashable, Sendable {
  public enum Action: String, Hashable, Sendable { case publish, read }

  public var action: Action
  public var name: StreamName
  /// The `key` of the query; nil when there was none. Never logged.
  public var key: String?

  public init(action: Action, name: StreamName, key: String?) {
    self.action = action
    self.name = name
    self.key = key
  }
}

public enum RTMPAccessDecision: Sendable {
  /// - Parameter keyName: the key's name in facts and pages; nil in open mode.
  case allowed(keyName: String?)
  case refused(Fault)
}

/// Who may publish and play. The composition root fills it from the access policy.
public protocol RTMPAuthority: Sendable {
  /// Called on an event loop; must not block.
  /// - Parameter remoteHost: the peer's IP address.
  func decide(_ request: RTMPAccessRequest, remoteHost: String) -> RTMPAccessDecision
}

/// Everybody may do everything: tests, and `access.mode=open` on a loopback address.
public struct OpenRTMPAuthority: RTMPAuthority {
  public init() {}
  public func decide(_ request: RTMPAccessRequest, remoteHost: String) -> RTMPAccessDecision { .allowed(keyName: nil) }
}

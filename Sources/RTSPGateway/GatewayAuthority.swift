public import Model
public import Wire

/// The answer to an ``RTSPAuthorisation``.
public enum GatewayDecision: Sendable {
  /// - Parameters:
  ///   - keyName: the key's name in facts and pages; nil in open mode.
  ///   - isNode: the key is one of our own nodes': its units keep their ids and origin.
  case allowed(keyName: String?, isNode: Bool)
  /// ``FaultCode/credentialsMissing`` and ``FaultCode/credentialsWrong`` are answered with a challenge, others with 403.
  case refused(Fault)
}

/// Who may publish and read. The composition root fills it from the access policy.
public protocol GatewayAuthority: Sendable {
  /// Called on an event loop; must not block. That a digest answers our own nonce has been checked.
  /// - Parameter remoteHost: the peer's IP address.
  func decide(_ request: RTSPAuthorisation, remoteHost: String) -> GatewayDecision
}

/// Everybody may do everything: tests, and `access.mode=open` on a loopback address.
public struct OpenAuthority: GatewayAuthority {
  private let trustsNodes: Bool

  /// - Parameter trustsNodes: whether unit ids that publishers tell are believed.
  public init(trustsNodes: Bool = false) { self.trustsNodes = trustsNodes }

  public func decide(_ request: RTSPAuthorisation, remoteHost: String) -> GatewayDecision { .allowed(keyName: nil, isNode: trustsNodes) }
}

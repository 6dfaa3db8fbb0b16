internal import Model

/// Who may publish and read. The composition root fills it from the access policy.
public protocol GatewayAuthority: Sendable {
  /// Called on an event loop; must not block. That a digest answers our own nonce has been checked before.
  func decide(_ request: AccessRequest) -> AccessDecision
}

/// Everybody may do everything: tests, simulators, and `access.mode=open` on a loopback address.
public struct OpenAuthority: GatewayAuthority {
  private let trustsNodes: Bool

  /// - Parameter trustsNodes: whether what publishers say of unit ids is believed.
  public init(trustsNodes: Bool = false) { self.trustsNodes = trustsNodes }

  /// Always allows, without a key's name.
  public func decide(_ request: AccessRequest) -> AccessDecision { .allowed(AccessGrant(isNode: trustsNodes)) }
}

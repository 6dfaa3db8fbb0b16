public import Model

/// The answer to an ``AccessRequest``.
public enum AccessDecision: Sendable {
  case allowed(AccessGrant)
  /// Challenged protocols answer ``FaultCode/credentialsMissing`` and ``FaultCode/credentialsWrong`` with a challenge, all else with a plain no.
  case refused(Fault)
}

/// By what right somebody is in.
public struct AccessGrant: Hashable, Sendable {
  /// The key's name in facts and pages; nil in open mode.
  public var keyName: String?
  /// Whether the peer is one of our own nodes: what it says of its units' ids and origin is believed.
  public var isNode: Bool

  /// Open mode's grant unless said otherwise: no key, no node.
  public init(keyName: String? = nil, isNode: Bool = false) {
    self.keyName = keyName
    self.isNode = isNode
  }
}

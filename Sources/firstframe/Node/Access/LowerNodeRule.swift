internal import Access
internal import Cascade
internal import Gateway
internal import Model

/// Who may publish the streams that bear a lower node's name: that node alone, with the secret that its control link was given.
struct LowerNodeRule: Sendable {
  /// Whether a lower node of that name is paired, linked or not.
  let isPaired: @Sendable (_ node: String) -> Bool
  /// The secret that the node's link was given; nil while it is not linked.
  let mediaSecret: @Sendable (_ node: String) -> String?

  /// Decides a request to publish; nil when the stream is no lower node's, so that the rule says nothing.
  func decide(_ request: AccessRequest) -> AccessDecision? {
    guard request.action == .publish, let node = request.stream.path.split(separator: "/").first.map(String.init), isPaired(node) else { return nil }
    if let secret = mediaSecret(node), request.credentials.matches(ha1: AccessKey.ha1(user: node, secret: secret)) {
      return .allowed(AccessGrant(isNode: true))
    }
    // Nodes push by RTSP, which asks who they are. Even where all else is open: a node that is not asked does not say it, and the ids of its units would
    // not be believed.
    guard request.canChallenge else { return .refused(Fault(.accessDenied, request.stream.path)) }
    if case .none = request.credentials { return .refused(Fault(.credentialsMissing, request.remoteHost)) }
    return .refused(Fault(.credentialsWrong, request.remoteHost))
  }
}

extension LowerNodeRule {
  /// The lower nodes that are paired with this one.
  init(_ upper: UpperDesk) {
    self.init(isPaired: { upper.peers.key(of: $0) != nil }, mediaSecret: { upper.mediaSecret(of: $0) })
  }
}

internal import Access
internal import Gateway
internal import Model

/// Who may publish and read: the gateways' authority. Refusals become facts in the gateways' environment, not here.
struct MediaGuard: GatewayAuthority {
  let policy: LimitedPolicy
  let lowerNodes: LowerNodeRule

  func decide(_ request: AccessRequest) -> AccessDecision {
    if let decision = lowerNodes.decide(request) { return decision }
    // Without keys nobody proves anything: unit ids are then believed from loopback alone.
    if policy.mode == .open { return .allowed(AccessGrant(isNode: request.canChallenge && AccessPolicy.isLoopback(request.remoteHost))) }
    let action: AccessAction = request.action == .publish ? .publish : .read
    switch policy.decide(action, stream: request.stream, credentials: request.credentials, remoteHost: request.remoteHost) {
    case .allowed(let name): return .allowed(AccessGrant(keyName: name))
    case .refused(let fault): return .refused(fault)
    }
  }
}

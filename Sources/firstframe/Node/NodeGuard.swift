internal import Access
internal import Cascade
internal import Foundation
internal import Gateway
internal import Model
internal import Synchronization
internal import Web

/// Who may do what, for every door of the node: asks the access policy, knows the linked nodes, slows guessing down. Refusals of media become facts in
/// the gateways' environment, those of HTTP here.
final class NodeGuard: Sendable {
  private struct State {
    var facts: (any FactSink)?
    var upper: UpperDesk?
    var failures = FailureLimit()
  }

  private let policy: AccessPolicy
  private let store: AccessStore
  private let clock: any NodeClock
  private let state = Mutex(State())

  /// Reads the keys. Blocks. Throws ``FaultCode/openBindRefused`` before any door opens.
  init(_ settings: AccessSettings, bind: String, folder: String, clock: any NodeClock) throws(Fault) {
    store = try AccessStore(dataFolder: folder)
    policy = try AccessPolicy(
      mode: settings.mode, bind: bind, openAnywhere: settings.openAnywhere, store: store)
    self.clock = clock
  }

  /// Set once by the composition root, before any door opens.
  func attach(facts: any FactSink) { state.withLock { $0.facts = facts } }
  func attach(upper: UpperDesk) { state.withLock { $0.upper = upper } }

  /// Sees keys that the command line added. Blocks: called from a thread of its own.
  func reload() { try? store.reload() }

  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault> {
    guard let action = NodeGuard.actions[permission] else { return .success(()) }
    guard case .refused(let fault) = decide(action, stream: nil, credentials: bearer.map { .token($0) } ?? .none, remote: remote) else {
      return .success(())
    }
    // A page asks without a key first, to learn whether it needs one.
    if fault.code != .credentialsMissing {
      state.withLock { $0.facts }?.record(
        FactKind.accessRefused,
        ["what": "http", "action": .string(action.rawValue), "name": .null, "peer": .string(remote), "code": .string(fault.code.rawValue)])
    }
    return .failure(fault)
  }

  private static let actions: [WebPermission: AccessAction] = [
    .streamsRead: .streamsRead, .streamsManage: .streamsManage, .incidentsRead: .incidentsRead, .incidentsWrite: .incidentsWrite,
    .metricsRead: .metricsRead, .factsRead: .factsRead, .archiveRead: .archiveRead,
  ]

  private func decide(
    _ action: AccessAction, stream: StreamName?, credentials: AccessCredentials, remote: String
  ) -> AccessPolicy.Decision {
    let now = clock.bootTime()
    let blocked = state.withLock { $0.failures.isBlocked(remote, name: credentials.name, at: now) }
    let decision =
      blocked ? .refused(Fault(.tooManyAttempts, remote)) : policy.decide(action, stream: stream, credentials: credentials)
    if case .refused(let fault) = decision, fault.code == .credentialsWrong {
      state.withLock { $0.failures.failed(remote, name: credentials.name, at: now) }
    }
    return decision
  }

  /// The lower node whose name a stream bears, linked or not: nobody else may publish it.
  private func lowerNode(of stream: StreamName) -> (name: String, secret: String?)? {
    guard let node = stream.path.split(separator: "/").first.map(String.init), let upper = state.withLock({ $0.upper }),
      upper.peers.key(of: node) != nil
    else { return nil }
    return (node, upper.mediaSecret(of: node))
  }

  /// Whether a lower node's stream comes with the secret that its control link was given.
  private func isFrom(_ node: (name: String, secret: String?), _ credentials: AccessCredentials) -> Bool {
    guard let secret = node.secret else { return false }
    return credentials.matches(ha1: AccessKey.ha1(user: node.name, secret: secret))
  }
}

extension NodeGuard: GatewayAuthority {
  func decide(_ request: AccessRequest) -> AccessDecision {
    if request.action == .publish, let node = lowerNode(of: request.stream) {
      if isFrom(node, request.credentials) { return .allowed(AccessGrant(isNode: true)) }
      // Nodes push by RTSP, which asks who they are. Even where all else is open: unless it is asked, a node does not say it, and its units would not be
      // believed.
      guard request.canChallenge else { return .refused(Fault(.accessDenied, request.stream.path)) }
      if case .none = request.credentials { return .refused(Fault(.credentialsMissing, request.remoteHost)) }
      return .refused(Fault(.credentialsWrong, request.remoteHost))
    }
    // Without keys nobody proves anything: unit ids are then believed from loopback alone.
    if policy.mode == .open { return .allowed(AccessGrant(isNode: request.canChallenge && AccessPolicy.isLoopback(request.remoteHost))) }
    let action: AccessAction = request.action == .publish ? .publish : .read
    switch decide(action, stream: request.stream, credentials: request.credentials, remote: request.remoteHost) {
    case .allowed(let name): return .allowed(AccessGrant(keyName: name))
    case .refused(let fault): return .refused(fault)
    }
  }
}

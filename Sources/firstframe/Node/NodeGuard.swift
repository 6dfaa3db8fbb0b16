internal import Access
internal import Cascade
internal import Foundation
internal import Model
internal import RTMPGateway
internal import RTSPGateway
internal import Settings
internal import Synchronization
internal import Web
internal import Wire

/// Who may do what, for every door of the node: asks the access policy, knows the linked nodes, slows guessing down, and makes every refusal a fact.
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
  init(_ settings: Settings, folder: String, clock: any NodeClock) throws(Fault) {
    store = try AccessStore(dataFolder: folder)
    policy = try AccessPolicy(
      mode: settings.access.mode == .open ? .open : .keys, bind: settings.bind, openAnywhere: settings.access.openAnywhere, store: store)
    self.clock = clock
  }

  /// Set once by the composition root, before any door opens.
  func attach(facts: any FactSink) { state.withLock { $0.facts = facts } }
  func attach(upper: UpperDesk) { state.withLock { $0.upper = upper } }

  /// Sees keys that the command line added. Blocks: called from a thread of its own.
  func reload() { try? store.reload() }

  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault> {
    guard let action = NodeGuard.actions[permission] else { return .success(()) }
    switch decide(action, stream: nil, credentials: bearer.map { .token($0) } ?? .none, what: "http", remote: remote) {
    case .allowed: return .success(())
    case .refused(let fault): return .failure(fault)
    }
  }

  private static let actions: [WebPermission: AccessAction] = [
    .streamsRead: .streamsRead, .streamsManage: .streamsManage, .incidentsRead: .incidentsRead, .incidentsWrite: .incidentsWrite,
    .metricsRead: .metricsRead, .factsRead: .factsRead, .archiveRead: .archiveRead,
  ]

  private func decide(
    _ action: AccessAction, stream: StreamName?, credentials: AccessCredentials, what: String, remote: String
  ) -> AccessPolicy.Decision {
    let now = clock.bootTime()
    let blocked = state.withLock { $0.failures.isBlocked(remote, name: credentials.name, at: now) }
    let decision =
      blocked ? .refused(Fault(.tooManyAttempts, remote)) : policy.decide(action, stream: stream, credentials: credentials)
    guard case .refused(let fault) = decision else { return decision }
    // Being asked for credentials is how digest authentication begins, not a refusal.
    guard fault.code != .credentialsMissing else { return decision }
    let facts = state.withLock { state in
      if fault.code == .credentialsWrong { state.failures.failed(remote, name: credentials.name, at: now) }
      return state.facts
    }
    facts?.record(
      FactKind.accessRefused,
      [
        "what": .string(what), "action": .string(action.rawValue), "name": stream.map { .string($0.path) } ?? .null, "peer": .string(remote),
        "code": .string(fault.code.rawValue),
      ])
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
  private func isFrom(_ node: (name: String, secret: String?), _ request: RTSPAuthorisation) -> Bool {
    guard let secret = node.secret else { return false }
    return request.matches(ha1: DigestAuthentication.ha1(user: node.name, realm: DigestAuthentication.realm, password: secret))
  }
}

extension NodeGuard: GatewayAuthority {
  func decide(_ request: RTSPAuthorisation, remoteHost: String) -> GatewayDecision {
    if request.action == .publish, let node = lowerNode(of: request.stream) {
      if isFrom(node, request) { return .allowed(keyName: nil, isNode: true) }
      // Even where all else is open: unless it is asked, a node does not say who it is, and its units would not be believed.
      return .refused(Fault(request.credentials == .none ? .credentialsMissing : .credentialsWrong, remoteHost))
    }
    // Without keys nobody proves anything: unit ids are then believed from loopback alone.
    if policy.mode == .open { return .allowed(keyName: nil, isNode: AccessPolicy.isLoopback(remoteHost)) }
    let credentials: AccessCredentials =
      switch request.credentials {
      case .none: request.key.map { .token($0) } ?? .none
      case .basic(let user, let password): .userPassword(user: user, password: password)
      case .digest(let fields): .digest(user: fields.user) { request.matches(ha1: $0) }
      }
    let action: AccessAction = request.action == .publish ? .publish : .read
    switch decide(action, stream: request.stream, credentials: credentials, what: request.action.rawValue, remote: remoteHost) {
    case .allowed(let name): return .allowed(keyName: name, isNode: false)
    case .refused(let fault): return .refused(fault)
    }
  }
}

extension NodeGuard: RTMPAuthority {
  func decide(_ request: RTMPAccessRequest, remoteHost: String) -> RTMPAccessDecision {
    // Nodes push by RTSP.
    if request.action == .publish, lowerNode(of: request.name) != nil { return .refused(Fault(.accessDenied, request.name.path)) }
    let credentials: AccessCredentials = request.key.map { .token($0) } ?? .none
    let action: AccessAction = request.action == .publish ? .publish : .read
    switch decide(action, stream: request.name, credentials: credentials, what: request.action.rawValue, remote: remoteHost) {
    case .allowed(let name): return .allowed(keyName: name)
    case .refused(let fault): return .refused(fault)
    }
  }
}

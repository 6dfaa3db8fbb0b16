internal import Access
internal import Gateway
internal import Model
internal import Web

/// Who may use the API. Its refusals become facts here.
struct WebGuard: WebAuthority {
  let policy: LimitedPolicy
  let facts: any FactSink
  /// Nil tells no log.
  var log: (refusals: RefusalLog, clock: any NodeClock)?

  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault> {
    guard let action = WebGuard.actions[permission] else { return .success(()) }
    let credentials: AccessCredentials = bearer.map { .token($0) } ?? .none
    guard case .refused(let fault) = policy.decide(action, stream: nil, credentials: credentials, remoteHost: remote) else { return .success(()) }
    // A page asks without a key first, to learn whether it needs one.
    if fault.code != .credentialsMissing {
      log.map { log in
        log.refusals.refused(
          "http \(action.rawValue)", stream: nil, key: credentials.name, remoteHost: remote, remoteAddress: remote, because: fault,
          at: log.clock.bootTime())
      }
      facts.record(
        AccessRefusedFact(door: FactText(.http), action: action.rawValue, stream: nil, peer: remote, code: FactText(fault.code)))
    }
    return .failure(fault)
  }

  private static let actions: [WebPermission: AccessAction] = [
    .streamsRead: .streamsRead, .streamsManage: .streamsManage, .incidentsRead: .incidentsRead, .incidentsWrite: .incidentsWrite,
    .metricsRead: .metricsRead, .factsRead: .factsRead, .archiveRead: .archiveRead,
  ]
}

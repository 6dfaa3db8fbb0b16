internal import Access
public import Hub
public import Logging
public import Model
public import Transport

/// What every gateway of a node is given: where streams meet, who may do what, how sessions are measured, and the loops that connections live on.
public final class GatewayEnvironment: Sendable {
  /// Where publishers and readers meet.
  public let hub: Hub
  /// Who may do what; asked through ``decide(_:)`` only.
  public let authority: any GatewayAuthority
  /// What each publisher session is measured with.
  public let measuring: SessionMeasuring
  /// Connections are spread over these, one loop each for life.
  public let loops: MediaLoops
  /// The one-second timers of the loops.
  public let sweepers: Sweepers
  /// Admits connections of every port of the node; nil admits all.
  public let connections: ConnectionGuard?
  /// Who was refused, for the log.
  public let refusals: RefusalLog
  /// For warnings about single connections.
  public let logger: Logger

  /// `measuring` without arguments measures and keeps no samples.
  public init(
    hub: Hub, authority: any GatewayAuthority, measuring: SessionMeasuring = SessionMeasuring(), loops: MediaLoops,
    connections: ConnectionGuard? = nil, logger: Logger
  ) {
    self.hub = hub
    self.authority = authority
    self.measuring = measuring
    self.loops = loops
    self.connections = connections
    self.logger = logger
    sweepers = Sweepers(clock: hub.clock)
    refusals = RefusalLog(logger)
  }

  /// The hub's: one clock for all of a node.
  public var clock: any NodeClock { hub.clock }

  /// Decides a request. A refusal becomes a fact here and nowhere else.
  public func decide(_ request: AccessRequest) -> AccessDecision {
    let decision = authority.decide(request)
    guard case .refused(let fault) = decision else { return decision }
    if request.canChallenge, fault.code == .credentialsMissing { return decision }
    refusals.refused(
      request.action.rawValue, stream: request.stream, key: request.credentials.name, remoteHost: request.remoteHost,
      remoteAddress: request.remoteAddress, because: fault, at: clock.bootTime())
    hub.facts.record(
      AccessRefusedFact(
        door: FactText(request.action == .publish ? .publish : .read), action: request.action.rawValue, stream: FactText(request.stream),
        peer: request.remoteAddress, code: FactText(fault.code)))
    return decision
  }
}

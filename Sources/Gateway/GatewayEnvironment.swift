public import Hub
public import Logging
public import Model
public import Transport

/// What every gateway of a node is given: where streams meet, who may do what, how sessions are measured, and the loops that connections live on.
public final class GatewayEnvironment: Sendable {
  public let hub: Hub
  public let authority: any GatewayAuthority
  public let measuring: SessionMeasuring
  public let loops: MediaLoops
  public let sweepers: Sweepers
  public let logger: Logger

  public init(hub: Hub, authority: any GatewayAuthority, measuring: SessionMeasuring = SessionMeasuring(), loops: MediaLoops, logger: Logger) {
    self.hub = hub
    self.authority = authority
    self.measuring = measuring
    self.loops = loops
    self.logger = logger
    sweepers = Sweepers(clock: hub.clock)
  }

  public var clock: any NodeClock { hub.clock }

  /// Decides a request. A refusal becomes a fact here and nowhere else.
  public func decide(_ request: AccessRequest) -> AccessDecision {
    let decision = authority.decide(request)
    guard case .refused(let fault) = decision else { return decision }
    if request.canChallenge, fault.code == .credentialsMissing { return decision }
    hub.facts.record(
      AccessRefusedFact(
        door: FactText(request.action == .publish ? .publish : .read), action: request.action.rawValue, stream: FactText(request.stream),
        peer: request.remoteAddress, code: FactText(fault.code)))
    return decision
  }
}

public import Model

/// An incident as API, report and `recompute` print it: seconds with six digits. The names are a contract.
public struct IncidentOutput: Hashable, Sendable, Codable {
  public struct Step: Hashable, Sendable, Codable {
    public var id: StepID
    public var bootNs: Int64
    public var wall: String
    public var uncertaintyMs: Double
    public var source: String
    public var device: String?
  }

  public struct Bounds: Hashable, Sendable, Codable {
    public var lowerSeconds: Double
    public var upperSeconds: Double

    public init(_ bracket: Bracket) {
      lowerSeconds = Rounding.seconds(bracket.lower)
      upperSeconds = Rounding.seconds(bracket.upper)
    }
  }

  public struct County: Hashable, Sendable, Codable {
    /// c(E5) − c(E1).
    public var seconds: Double?
    public var lowerSeconds: Double?
    /// T_county over the province's clock, when the county rebooted after t1.
    public var bridged: Bounds?
    public var device: String?
    public var unit: String?
  }

  public struct Province: Hashable, Sendable, Codable {
    public var name: String?
    public var grade: ProofGrade?
    public var countyBracket: Bounds?
    public var provinceBracket: Bounds?
    /// By the clocks' offset: narrower, never judged.
    public var dated: Bounds?
    public var device: String?
    public var unit: String?
  }

  public struct Device: Hashable, Sendable, Codable {
    public var name: String
    public var stream: String
    public var deviceClass: DeviceClass?
    public var eligible: Bool
    public var preopened: Bool
    public var alive: Bool
  }

  public struct Refused: Hashable, Sendable, Codable {
    public var what: String
    public var from: String
    public var reason: String
    public var bootNs: Int64
  }

  public struct Retried: Hashable, Sendable, Codable {
    public var uplink: String
    public var bootNs: Int64
    /// Nil when the county rebooted since t1.
    public var sinceSeconds: Double?
  }

  public struct Shown: Hashable, Sendable, Codable {
    public var device: String
    public var stream: String
    public var what: ShownPicture.What
    public var viewer: String
    public var bootNs: Int64
    /// From t1 to when the browser said so.
    public var sinceSeconds: Double?
    public var ageSeconds: Double?
  }

  public var id: String
  public var title: String
  public var nonce: String
  public var receivedAt: String?
  public var policy: String?
  public var policySha256: String?
  public var limitSeconds: Double?
  public var steps: [Step]
  public var county: County
  public var province: Province
  public var devices: [Device]
  public var refusals: [Refused]
  public var retries: [Retried]
  public var offers: Int
  public var shown: [Shown]
  public var breakdown: BreakdownOutput?
  public var closed: Bool
  public var verdict: Verdict
  public var reasons: [IncidentReason]

  public init(_ figures: IncidentFigures) {
    id = figures.id
    title = figures.title
    nonce = figures.nonce
    receivedAt = figures.receivedAt
    policy = figures.policy.map { "\($0.id)@\($0.version)" }
    policySha256 = figures.policy?.sha256
    limitSeconds = figures.limit.map(Rounding.seconds)
    steps = figures.steps.map {
      Step(
        id: $0.id, bootNs: $0.at.time.nanoseconds, wall: $0.wall, uncertaintyMs: Rounding.milliseconds($0.uncertainty), source: $0.source,
        device: $0.device)
    }
    county = County(
      seconds: figures.county?.time.map(Rounding.seconds), lowerSeconds: figures.county?.lower.map(Rounding.seconds),
      bridged: figures.county?.bridged.map { Bounds($0) }, device: figures.county?.device, unit: figures.county?.unit)
    province = Province(
      name: figures.province?.name, grade: figures.province?.grade, countyBracket: figures.province?.countyBracket.map { Bounds($0) },
      provinceBracket: figures.province?.provinceBracket.map { Bounds($0) }, dated: figures.province?.dated.map { Bounds($0) },
      device: figures.province?.device, unit: figures.province?.unit)
    devices = figures.devices.map {
      Device(
        name: $0.name, stream: $0.stream, deviceClass: $0.deviceClass, eligible: $0.isEligible, preopened: $0.isPreopened, alive: $0.isAlive
      )
    }
    refusals = figures.refusals.map { Refused(what: $0.what, from: $0.from, reason: $0.reason, bootNs: $0.at.time.nanoseconds) }
    retries = figures.retries.map {
      Retried(uplink: $0.uplink, bootNs: $0.at.time.nanoseconds, sinceSeconds: ($0.at - figures.received).map(Rounding.seconds))
    }
    offers = figures.offers
    shown = figures.shown.map {
      Shown(
        device: $0.device, stream: $0.stream, what: $0.what, viewer: $0.viewer, bootNs: $0.at.time.nanoseconds,
        sinceSeconds: $0.since.map(Rounding.seconds), ageSeconds: $0.age.map(Rounding.seconds))
    }
    breakdown = figures.breakdown.map { BreakdownOutput($0) }
    closed = figures.isClosed
    verdict = figures.verdict
    reasons = figures.reasons
  }
}

public import Model

/// An incident as API, report and `recompute` print it: seconds with six digits. The names are a contract.
public struct IncidentOutput: Hashable, Sendable, Codable {
  /// A step that was taken.
  public struct Step: Hashable, Sendable, Codable {
    /// Which step of the time line.
    public var id: StepID
    /// On the county's boot clock.
    public var bootNs: Int64
    /// RFC 3339, a label.
    public var wall: String
    /// How much earlier it may have been.
    public var uncertaintyMs: Double
    /// The kind of fact that it comes from.
    public var source: String
    /// Nil for a step of the whole incident.
    public var device: String?
  }

  /// An interval that contains the truth.
  public struct Bounds: Hashable, Sendable, Codable {
    /// It cannot have been faster.
    public var lowerSeconds: Double
    /// It cannot have been slower.
    public var upperSeconds: Double

    public init(_ bracket: Bracket) {
      lowerSeconds = Rounding.seconds(bracket.lower)
      upperSeconds = Rounding.seconds(bracket.upper)
    }
  }

  /// The county's first picture.
  public struct County: Hashable, Sendable, Codable {
    /// c(E5) − c(E1).
    public var seconds: Double?
    /// Arrival of its unit since t1: it cannot have been seen earlier.
    public var lowerSeconds: Double?
    /// T_county over the province's clock, when the county rebooted after t1.
    public var bridged: Bounds?
    /// Nil while there is no picture.
    public var device: String?
    /// `node/path@epoch#number`.
    public var unit: String?
  }

  /// The province's first picture, as its receipt proves it.
  public struct Province: Hashable, Sendable, Codable {
    /// The province's name.
    public var name: String?
    /// How it is proven.
    public var grade: ProofGrade?
    /// By the county's clock; nil when the county rebooted after t1.
    public var countyBracket: Bounds?
    /// By the province's clock; nil when E1 carried no beacon of that boot.
    public var provinceBracket: Bounds?
    /// By the clocks' offset: narrower, never judged.
    public var dated: Bounds?
    /// Nil while no receipt counts.
    public var device: String?
    /// `node/path@epoch#number`.
    public var unit: String?
  }

  /// A device that was called out.
  public struct Device: Hashable, Sendable, Codable {
    /// As registered.
    public var name: String
    /// The county's own name of it.
    public var stream: String
    /// As its centre registered it.
    public var deviceClass: DeviceClass?
    /// Whether its class counts under the policy.
    public var eligible: Bool
    /// Whether its stream was live before t1.
    public var preopened: Bool
    /// Whether a second, different unit followed the first picture.
    public var alive: Bool
  }

  /// A picture or receipt that does not count.
  public struct Refused: Hashable, Sendable, Codable {
    /// `picture` or `receipt`.
    public var what: String
    /// Device, or uplink of a receipt.
    public var from: String
    /// By its name in docs/facts.md.
    public var reason: String
    /// On the county's boot clock.
    public var bootNs: Int64
  }

  /// E1 announced again.
  public struct Retried: Hashable, Sendable, Codable {
    /// As configured.
    public var uplink: String
    /// On the county's boot clock.
    public var bootNs: Int64
    /// Nil when the county rebooted since t1.
    public var sinceSeconds: Double?
  }

  /// A picture that a browser presented.
  public struct Shown: Hashable, Sendable, Codable {
    /// As registered.
    public var device: String
    /// Path of the stream.
    public var stream: String
    /// A picture or a playing stream.
    public var what: ShownPicture.What
    /// The browser's own random name.
    public var viewer: String
    /// On the county's boot clock.
    public var bootNs: Int64
    /// From t1 to when the browser said so.
    public var sinceSeconds: Double?
    /// How long before it said so, by the browser's clock.
    public var ageSeconds: Double?
  }

  /// Sorts by day.
  public var id: String
  /// What the person typed.
  public var title: String
  /// 32 hexadecimal digits.
  public var nonce: String
  /// What the person typed: a label.
  public var receivedAt: String?
  /// `id@version`.
  public var policy: String?
  /// Of the policy's canonical text.
  public var policySha256: String?
  /// Since t1; nil when the policy cannot be read.
  public var limitSeconds: Double?
  /// In the order in which they happened.
  public var steps: [Step]
  /// Members are nil while there is no picture.
  public var county: County
  /// Members are nil while no receipt counts.
  public var province: Province
  /// In the order in which they were called out.
  public var devices: [Device]
  /// What was offered and does not count.
  public var refusals: [Refused]
  /// Until the first receipt that counts.
  public var retries: [Retried]
  /// Key units of eligible devices that were sent up after t1.
  public var offers: Int
  /// What browsers in the hall presented.
  public var shown: [Shown]
  /// Where the time went; nil without a device.
  public var breakdown: BreakdownOutput?
  /// t10 was taken.
  public var closed: Bool
  /// By the policy.
  public var verdict: Verdict
  /// Why the verdict is what it is.
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

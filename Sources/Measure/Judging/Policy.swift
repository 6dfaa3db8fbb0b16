public import Model

/// A rule that a rate is judged by: a versioned file in `Config/policies/`, read from its JSON form. Its hash is SHA-256 of ``body``'s text.
public struct Policy: Hashable, Sendable {
  /// The three rates of the ministry's rule.
  public enum Kind: String, Sendable, CaseIterable {
    /// 三十分钟响应率: from t1 to the first picture at a centre.
    case response
    /// 联通率: from a request to a decoded picture.
    case connection
    /// 首报: from t1 to the first report.
    case report
  }

  /// Names the policy in facts and reports.
  public let id: String
  /// Goes up with each change of a limit.
  public let version: Int64
  /// For people, in Chinese.
  public let title: String
  /// Which rate it judges.
  public let kind: Kind
  /// After this time a response is late, in nanoseconds.
  public let limitNs: Int64
  /// When, after t1, a centre without a picture is warned.
  public let warningsAtMinutes: [Int64]
  /// Classes whose picture is a picture of the scene. A fixed high point alone is none unless listed.
  public let eligibleClasses: [DeviceClass]
  /// Proofs that count by themselves.
  public let acceptedGrades: [ProofGrade]
  /// Whether a response without a link at t1, timed by the county's clock alone, may pass.
  public let countyClockOnlyCounts: Bool
  /// Within which a second, different unit shows that the picture lives, and whether a picture without one counts.
  public let secondPictureWithinNs: Int64
  /// See ``secondPictureWithinNs``.
  public let secondPictureRequired: Bool
  /// The policy as it was read: what a fact embeds and what is hashed.
  public let body: JSON

  /// Throws ``Fault`` that names the key and what was expected.
  public init(_ body: JSON) throws(Fault) {
    self.body = body
    var top = try RuleReader(body, path: "policy")
    id = try top.text("id")
    version = try top.int("version", 1...1_000_000)
    title = try top.text("title")
    kind = try top.choice("kind", Kind.self)
    limitNs = try top.int("limitNs", 1...86_400_000_000_000)
    warningsAtMinutes = top.has("warningsAtMinutes") || kind == .response ? try top.ints("warningsAtMinutes", 1...1440) : []
    let isPicture = kind != .report
    eligibleClasses = isPicture ? try top.choices("eligibleClasses", DeviceClass.self) : []
    acceptedGrades = kind == .response ? try top.choices("acceptedGrades", ProofGrade.self) : []
    countyClockOnlyCounts = try top.flag("countyClockOnlyCounts", default: false)
    secondPictureWithinNs = try top.optionalInt("secondPictureWithinNs") ?? 5_000_000_000
    secondPictureRequired = try top.flag("secondPictureRequired", default: false)
    try top.finish(sourced: ["limitNs", "warningsAtMinutes", "eligibleClasses", "acceptedGrades", "secondPictureWithinNs"])
  }

  /// Warnings whose time has come, and whether the limit is over, at some time after t1.
  public func due(after elapsed: Nanoseconds) -> (warnings: [Int64], isMissed: Bool) {
    (warningsAtMinutes.filter { elapsed >= .seconds($0 * 60) }, elapsed.value > limitNs)
  }
}

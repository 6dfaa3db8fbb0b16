public import Model

/// The limits of 连线质量达标 for one kind of link (measurement.md §3): a versioned file in `Config/quality/`, read from its JSON form.
///
/// A limit that is absent is reported but not judged. Its hash is SHA-256 of ``body``'s text.
public struct QualityProfile: Hashable, Sendable {
  /// Whether one of two limits suffices.
  public enum Combination: String, Sendable, CaseIterable { case either, both }

  /// Two limits of the clean frame rate.
  public struct FrameRate: Hashable, Sendable {
    /// Frames a second × 1000.
    public var minimumMilli: Int64
    /// Millionths of the nominal rate.
    public var ofNominalPPM: Int64
    /// Whether both must be met.
    public var combine: Combination
  }

  /// The smallest picture, in pixels.
  public struct Picture: Hashable, Sendable {
    /// Pixels.
    public var minimumWidth: Int64
    /// Pixels.
    public var minimumHeight: Int64
  }

  /// What a whole session must meet; see ``SessionJudge``.
  public struct SessionRule: Hashable, Sendable {
    /// From the order to the first picture.
    public var connectWithinNs: Int64
    /// How many of the judged minutes must pass, in millionths.
    public var passMinutesPPM: Int64
    /// The longest time without a unit.
    public var longestOutageNs: Int64
    /// How many of all minutes must have been judged, in millionths.
    public var judgeableMinutesPPM: Int64
  }

  /// Names the profile in facts and reports.
  public let id: String
  /// Goes up with each change of a limit.
  public let version: Int64
  /// For people, in Chinese.
  public let title: String
  /// A shorter window is not judged.
  public let minimumWindowNs: Int64
  /// Highest loss on the link, in millionths; nil is not judged, as for all limits below.
  public let lossBeforeRepairPPM: Int64?
  /// Highest loss after repair, in millionths.
  public let residualLossPPM: Int64?
  /// Highest 99.9th percentile of packet delay variation.
  public let delayVariationP999Ns: Int64?
  /// Highest 95th percentile of round trips.
  public let roundTripNs: Int64?
  /// Whether a window without a round trip is undetermined.
  public let roundTripRequired: Bool
  /// Highest one-way delay of key units between our nodes.
  public let endToEndDelayNs: Int64?
  /// Lowest rate of clean frames.
  public let cleanFrameRate: FrameRate?
  /// Smallest picture.
  public let picture: Picture?
  /// Below it the window warns.
  public let bitsPerSecond: Int64?
  /// The same on the hop from centre to centre.
  public let bitsPerSecondBetweenCentres: Int64?
  /// Lowest share of clean among expected frames, in millionths.
  public let cleanRatioPPM: Int64?
  /// Highest share of time in which the picture stood, in millionths.
  public let freezeRatioPPM: Int64?
  /// Longest time for which the picture may stand.
  public let longestFreezeNs: Int64?
  /// TR 101 290 priority 1 errors; nothing is measured for it yet.
  public let transportErrorsPerMinute: Int64?
  /// Whether a stream without sound fails.
  public let audioRequired: Bool
  /// What a whole session must meet.
  public let session: SessionRule
  /// The profile as it was read: what a fact embeds and what is hashed.
  public let body: JSON

  /// Throws ``Fault`` that names the key and what was expected.
  public init(_ body: JSON) throws(Fault) {
    self.body = body
    var top = try RuleReader(body, path: "profile")
    id = try top.text("id")
    version = try top.int("version", 1...1_000_000)
    title = try top.text("title")
    minimumWindowNs = try top.int("minimumWindowNs", 1_000_000_000...60_000_000_000)
    guard var metrics = try top.object("metrics") else { throw top.wrong("metrics", "missing") }
    lossBeforeRepairPPM = try QualityProfile.limit(&metrics, "lossBeforeRepair", "maximumPPM", 1...1_000_000)
    residualLossPPM = try QualityProfile.limit(&metrics, "residualLoss", "maximumPPM", 1...1_000_000)
    delayVariationP999Ns = try QualityProfile.limit(&metrics, "delayVariationP999", "maximumNs")
    let trip = try QualityProfile.roundTrip(&metrics)
    roundTripNs = trip?.limit
    roundTripRequired = trip?.required ?? false
    endToEndDelayNs = try QualityProfile.limit(&metrics, "endToEndDelay", "maximumNs")
    cleanFrameRate = try QualityProfile.frameRate(&metrics)
    picture = try QualityProfile.picture(&metrics)
    bitsPerSecond = try QualityProfile.limit(&metrics, "bitRate", "warnBelowBitsPerSecond")
    bitsPerSecondBetweenCentres = try QualityProfile.limit(&metrics, "bitRateBetweenCentres", "warnBelowBitsPerSecond")
    cleanRatioPPM = try QualityProfile.limit(&metrics, "cleanRatio", "minimumPPM", 0...1_000_000)
    freezeRatioPPM = try QualityProfile.limit(&metrics, "freezeRatio", "maximumPPM", 0...1_000_000)
    longestFreezeNs = try QualityProfile.limit(&metrics, "longestFreeze", "maximumNs")
    transportErrorsPerMinute = try QualityProfile.limit(&metrics, "transportPriority1Errors", "maximumPerMinute")
    audioRequired = try metrics.flag("audioRequired", default: false)
    try metrics.finish()
    guard let rule = try top.object("session") else { throw top.wrong("session", "missing") }
    session = try QualityProfile.sessionRule(rule)
    try top.finish(sourced: ["minimumWindowNs"])
  }

  private static func limit(
    _ metrics: inout RuleReader, _ name: String, _ key: String, _ range: ClosedRange<Int64> = 0...Int64.max
  ) throws(Fault) -> Int64? {
    guard var metric = try metrics.object(name) else { return nil }
    let value = try metric.int(key, range)
    try metric.finish(sourced: [key])
    return value
  }

  private static func roundTrip(_ metrics: inout RuleReader) throws(Fault) -> (limit: Int64, required: Bool)? {
    guard var metric = try metrics.object("roundTrip") else { return nil }
    let limit = try metric.int("maximumNs")
    let required = try metric.flag("required", default: false)
    try metric.finish(sourced: ["maximumNs"])
    return (limit, required)
  }

  private static func frameRate(_ metrics: inout RuleReader) throws(Fault) -> FrameRate? {
    guard var metric = try metrics.object("cleanFrameRate") else { return nil }
    let rate = FrameRate(
      minimumMilli: try metric.int("minimumMilli", 1...1_000_000), ofNominalPPM: try metric.int("ofNominalPPM", 1...1_000_000),
      combine: try metric.choice("combine", Combination.self))
    try metric.finish(sourced: ["minimumMilli", "ofNominalPPM"])
    return rate
  }

  private static func picture(_ metrics: inout RuleReader) throws(Fault) -> Picture? {
    guard var metric = try metrics.object("picture") else { return nil }
    let picture = Picture(
      minimumWidth: try metric.int("minimumWidth", 1...65_536), minimumHeight: try metric.int("minimumHeight", 1...65_536))
    try metric.finish(sourced: ["minimumWidth", "minimumHeight"])
    return picture
  }

  private static func sessionRule(_ reader: RuleReader) throws(Fault) -> SessionRule {
    var rule = reader
    let session = SessionRule(
      connectWithinNs: try rule.int("connectWithinNs"), passMinutesPPM: try rule.int("passMinutesPPM", 0...1_000_000),
      longestOutageNs: try rule.int("longestOutageNs"), judgeableMinutesPPM: try rule.int("judgeableMinutesPPM", 0...1_000_000))
    try rule.finish(sourced: ["connectWithinNs", "passMinutesPPM", "longestOutageNs", "judgeableMinutesPPM"])
    return session
  }
}

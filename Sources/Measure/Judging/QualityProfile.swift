public import Model

/// The limits of 连线质量达标 for one kind of link (measurement.md §3): a versioned file in `Config/quality/`, read from its JSON form.
///
/// A limit that is absent is reported but not judged. Its hash is SHA-256 of ``body``'s text.
public struct QualityProfile: Hashable, Sendable {
  public enum Combination: String, Sendable, CaseIterable { case either, both }

  public struct FrameRate: Hashable, Sendable {
    public var minimumMilli: Int64
    public var ofNominalPPM: Int64
    public var combine: Combination
  }

  public struct Picture: Hashable, Sendable {
    public var minimumWidth: Int64
    public var minimumHeight: Int64
  }

  public struct SessionRule: Hashable, Sendable {
    public var connectWithinNs: Int64
    public var passMinutesPPM: Int64
    public var longestOutageNs: Int64
    public var judgeableMinutesPPM: Int64
  }

  public let id: String
  public let version: Int64
  public let title: String
  public let minimumWindowNs: Int64
  public let lossBeforeRepairPPM: Int64?
  public let residualLossPPM: Int64?
  public let delayVariationP999Ns: Int64?
  public let roundTripNs: Int64?
  /// Whether a window without a round trip is undetermined.
  public let roundTripRequired: Bool
  public let endToEndDelayNs: Int64?
  public let cleanFrameRate: FrameRate?
  public let picture: Picture?
  /// Below it the window warns.
  public let bitsPerSecond: Int64?
  public let bitsPerSecondBetweenCentres: Int64?
  public let cleanRatioPPM: Int64?
  public let freezeRatioPPM: Int64?
  public let longestFreezeNs: Int64?
  public let transportErrorsPerMinute: Int64?
  public let audioRequired: Bool
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

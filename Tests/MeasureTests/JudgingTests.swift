import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("Windows and sessions are judged by profiles that are data")
struct JudgingTests {
  /// A window that passes every profile: 60 s of 25 fps 1080p, 6000 packets, RTT 40 ms.
  static func good() -> QualityWindow {
    var window = QualityWindow(
      stream: testStream, hop: .device, session: "s", method: .rtp, index: 0, from: seconds(100), to: seconds(160))
    window.packetsExpected = 6000
    window.packetsReceived = 6000
    window.bytesReceived = 20_000_000
    window.framesExpected = 1500
    window.frames.received = 1500
    window.frames.clean = 1500
    window.delayVariation = Quantiles([0, 20_000_000])
    window.roundTrip = Quantiles([40_000_000])
    window.nominalFrameRateMilli = 25_000
    window.width = 1920
    window.height = 1080
    return window
  }

  static func profile(_ name: String) throws -> QualityProfile { try QualityProfile(RuleFiles.rule("Config/quality/\(name).yaml")) }

  @Test("The profiles of the project are read, and name themselves", arguments: ["gb-fixed", "field-mobile", "degraded"])
  func files(name: String) throws {
    let profile = try JudgingTests.profile(name)
    #expect(profile.id == name)
    #expect(profile.version == 1)
    #expect(profile.residualLossPPM == 1000)
    #expect(profile.session == QualityProfile.SessionRule.standard)
    #expect(profile.judge(JudgingTests.good()).verdict == .pass)
  }

  @Test("The numbers of the three profiles are those of the rule's table")
  func table() throws {
    let fixed = try JudgingTests.profile("gb-fixed")
    #expect(fixed.lossBeforeRepairPPM == 1000 && fixed.delayVariationP999Ns == 50_000_000 && fixed.roundTripNs == 800_000_000)
    #expect(fixed.endToEndDelayNs == 2_000_000_000 && fixed.cleanRatioPPM == 990_000 && fixed.freezeRatioPPM == 10_000)
    #expect(fixed.longestFreezeNs == 2_000_000_000 && fixed.bitsPerSecond == 2_000_000 && fixed.bitsPerSecondBetweenCentres == 2_500_000)
    #expect(fixed.transportErrorsPerMinute == 0 && fixed.picture == nil)
    #expect(fixed.cleanFrameRate?.minimumMilli == 25_000 && fixed.cleanFrameRate?.ofNominalPPM == 950_000)
    #expect(fixed.cleanFrameRate?.combine == .either)
    let field = try JudgingTests.profile("field-mobile")
    #expect(field.lossBeforeRepairPPM == nil && field.delayVariationP999Ns == 1_000_000_000 && field.cleanRatioPPM == 970_000)
    #expect(field.freezeRatioPPM == 30_000 && field.longestFreezeNs == 5_000_000_000 && field.bitsPerSecond == 512_000)
    #expect(field.cleanFrameRate?.minimumMilli == 15_000 && field.cleanFrameRate?.ofNominalPPM == 900_000)
    #expect(field.cleanFrameRate?.combine == .both && field.picture?.minimumWidth == 1280 && field.picture?.minimumHeight == 720)
    let degraded = try JudgingTests.profile("degraded")
    #expect(degraded.picture?.minimumWidth == 640 && degraded.picture?.minimumHeight == 360)
    #expect(!degraded.roundTripRequired && field.roundTripRequired)
  }

  @Test("A verdict names the limits that it says nothing of")
  func notJudged() throws {
    let fixed = try JudgingTests.profile("gb-fixed")
    var window = JudgingTests.good()
    window.isBlack = false
    #expect(fixed.judge(window).notJudged == ["endToEndDelay", "transportPriority1Errors"])
    window.oneWay(1_000_000, 2_000_000)
    #expect(fixed.judge(window).notJudged == ["transportPriority1Errors"])
    window.method = .tcp
    window.isBlack = nil
    // TCP repairs unseen: loss before repair is not known, whatever a counter says.
    window.packetsRecovered = 60
    let judged = fixed.judge(window)
    #expect(judged.verdict == .pass && judged.notJudged == ["lossBeforeRepair", "delayVariationP999", "transportPriority1Errors", "black"])
    #expect(try JudgingTests.profile("field-mobile").judge(window).notJudged == ["delayVariationP999", "transportPriority1Errors", "black"])
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var profile: String
    var verdict: Verdict
    var reasons: [ReasonCode] = []
    var open: [OpenQuestion] = []
    var change: @Sendable (inout QualityWindow) -> Void
    var testDescription: String { "\(name) under \(profile)" }
  }

  static let cases: [Case] = [
    Case(name: "1 % residual loss", profile: "field-mobile", verdict: .fail, reasons: [.loss]) { $0.packetsReceived = 5940 },
    Case(name: "exactly 0.1 % loss", profile: "gb-fixed", verdict: .pass) { $0.packetsReceived = 5994 },
    Case(name: "one packet more than 0.1 %", profile: "gb-fixed", verdict: .fail, reasons: [.loss]) { $0.packetsReceived = 5993 },
    Case(name: "raw loss repaired", profile: "gb-fixed", verdict: .fail, reasons: [.loss]) { $0.packetsRecovered = 60 },
    Case(name: "raw loss repaired", profile: "field-mobile", verdict: .pass) { $0.packetsRecovered = 60 },
    Case(name: "2000 packets, none lost", profile: "gb-fixed", verdict: .undetermined, open: [.sampleTooSmall]) {
      $0.packetsExpected = 2000
      $0.packetsReceived = 2000
    },
    Case(name: "2999 packets, none lost", profile: "field-mobile", verdict: .undetermined, open: [.sampleTooSmall]) {
      $0.packetsExpected = 2999
      $0.packetsReceived = 2999
    },
    Case(name: "3000 packets, none lost", profile: "field-mobile", verdict: .pass) {
      $0.packetsExpected = 3000
      $0.packetsReceived = 3000
    },
    Case(name: "500 packets, 100 lost", profile: "gb-fixed", verdict: .fail, reasons: [.loss]) {
      $0.packetsExpected = 500
      $0.packetsReceived = 400
    },
    Case(name: "900 packets, 1 lost", profile: "gb-fixed", verdict: .undetermined, open: [.sampleTooSmall]) {
      $0.packetsExpected = 900
      $0.packetsReceived = 899
    },
    Case(name: "12 fps", profile: "field-mobile", verdict: .fail, reasons: [.lowFrameRate]) {
      $0.nominalFrameRateMilli = 12_000
      $0.framesExpected = 720
      $0.frames.received = 720
      $0.frames.clean = 720
    },
    Case(name: "15 fps of 15, window 5 ms long", profile: "field-mobile", verdict: .pass) {
      $0.to = $0.to + .milliseconds(5)
      $0.framesExpected = 900
      $0.frames.received = 900
      $0.frames.clean = 900
    },
    Case(name: "20 fps of 25", profile: "field-mobile", verdict: .fail, reasons: [.lowFrameRate]) {
      $0.frames.received = 1200
      $0.frames.clean = 1200
    },
    Case(name: "24 of 25 fps", profile: "gb-fixed", verdict: .fail, reasons: [.lowFrameRate]) {
      $0.frames.received = 1440
      $0.frames.clean = 1440
    },
    Case(name: "15 of 15 fps", profile: "gb-fixed", verdict: .pass) {
      $0.framesExpected = 900
      $0.frames.received = 900
      $0.frames.clean = 900
    },
    Case(name: "5 % unclean", profile: "field-mobile", verdict: .fail, reasons: [.corrupt]) { $0.frames.clean = 1425 },
    Case(name: "no nominal rate", profile: "field-mobile", verdict: .undetermined, open: [.nominalRateUnknown]) { $0.framesExpected = nil },
    Case(name: "640×360", profile: "field-mobile", verdict: .fail, reasons: [.lowResolution]) {
      $0.width = 640
      $0.height = 360
    },
    Case(name: "640×360", profile: "degraded", verdict: .pass) {
      $0.width = 640
      $0.height = 360
    },
    Case(name: "upright 720×1280", profile: "field-mobile", verdict: .pass) {
      $0.width = 720
      $0.height = 1280
    },
    Case(name: "size unknown", profile: "field-mobile", verdict: .undetermined, open: [.resolutionUnknown]) { $0.width = nil },
    Case(name: "6 s freeze", profile: "field-mobile", verdict: .fail, reasons: [.freeze]) {
      $0.freezeNs = 6_000_000_000
      $0.longestFreezeNs = 6_000_000_000
    },
    Case(name: "many short freezes", profile: "field-mobile", verdict: .fail, reasons: [.freeze]) { $0.freezeNs = 1_800_060_000 },
    Case(name: "freezes of exactly 3 %", profile: "field-mobile", verdict: .pass) { $0.freezeNs = 1_800_000_000 },
    Case(name: "black camera", profile: "field-mobile", verdict: .fail, reasons: [.black]) { $0.isBlack = true },
    Case(name: "900 ms RTT", profile: "field-mobile", verdict: .fail, reasons: [.delay]) { $0.roundTrip = Quantiles([900_000_000]) },
    Case(name: "no RTT", profile: "gb-fixed", verdict: .undetermined, open: [.roundTripUnknown]) { $0.roundTrip = nil },
    Case(name: "no RTT", profile: "degraded", verdict: .pass) { $0.roundTrip = nil },
    Case(name: "PDV 51 ms", profile: "gb-fixed", verdict: .fail, reasons: [.jitter]) { $0.delayVariation = Quantiles([0, 51_000_000]) },
    Case(name: "PDV 51 ms over TCP", profile: "gb-fixed", verdict: .pass) {
      $0.delayVariation = Quantiles([0, 51_000_000])
      $0.method = .tcp
    },
    Case(name: "PDV 51 ms", profile: "field-mobile", verdict: .pass) { $0.delayVariation = Quantiles([0, 51_000_000]) },
    Case(name: "2.1 s from node to node", profile: "gb-fixed", verdict: .fail, reasons: [.delay]) { $0.oneWay(2_050_000_000, 2_100_000_000) },
    Case(name: "1.9 to 2.1 s from node to node", profile: "gb-fixed", verdict: .undetermined, open: [.oneWayDelayStraddles]) {
      $0.oneWay(1_900_000_000, 2_100_000_000)
    },
    Case(name: "−1 to 2 s from node to node", profile: "gb-fixed", verdict: .pass) { $0.oneWay(-1_000_000_000, 2_000_000_000) },
    Case(name: "came before it left", profile: "degraded", verdict: .fail, reasons: [.clockSkew]) { $0.oneWay(-50_000_000, -1) },
    Case(name: "B pictures, PDV perhaps 0", profile: "gb-fixed", verdict: .undetermined, open: [.picturesReordered]) {
      $0.reorder(80_000_000, variation: 51_000_000)
    },
    Case(name: "B pictures, PDV of at most 1 s", profile: "field-mobile", verdict: .pass) { $0.reorder(80_000_000, variation: 680_000_000) },
    Case(name: "B pictures, PDV perhaps above 1 s", profile: "field-mobile", verdict: .undetermined, open: [.picturesReordered]) {
      $0.reorder(80_000_000, variation: 680_000_001)
    },
    Case(name: "offline device", profile: "field-mobile", verdict: .fail, reasons: [.offline]) {
      $0.frames = FrameTotals()
      $0.packetsExpected = 0
      $0.packetsReceived = 0
    },
    Case(name: "no key frame", profile: "field-mobile", verdict: .fail, reasons: [.offline]) {
      $0.frames.clean = 0
      $0.hasSeenKey = false
    },
    Case(name: "no clean frame", profile: "field-mobile", verdict: .fail, reasons: [.lowFrameRate, .corrupt]) { $0.frames.clean = 0 },
    Case(name: "timestamps jump", profile: "degraded", verdict: .fail, reasons: [.clockSkew]) { $0.frames.timestampJumps = 1 },
    Case(name: "loss on a starved observer", profile: "gb-fixed", verdict: .undetermined, reasons: [.loss], open: [.observerLimited]) {
      $0.packetsReceived = 5000
      $0.observer.receiveBufferErrors = 1
    },
    Case(name: "good figures of a starved observer", profile: "gb-fixed", verdict: .undetermined, open: [.observerLimited]) {
      ($0.observer.readings, $0.observer.lateReadings) = (6000, 61)
    },
    Case(name: "good figures of an observer that was late for one reading of a hundred", profile: "gb-fixed", verdict: .pass) {
      ($0.observer.readings, $0.observer.lateReadings) = (6000, 60)
      $0.observer.probeLagP99Ns = 600_000_000
    },
    Case(name: "10 s of window", profile: "gb-fixed", verdict: .undetermined, reasons: [.loss], open: [.windowTooShort]) {
      $0.to = $0.from + .seconds(10)
      $0.packetsReceived = 5000
    },
  ]

  @Test("Each limit decides as its table says", arguments: cases)
  func judges(one: Case) throws {
    var window = JudgingTests.good()
    one.change(&window)
    let judgement = try JudgingTests.profile(one.profile).judge(window)
    #expect(judgement.verdict == one.verdict)
    #expect(judgement.reasons == one.reasons)
    #expect(judgement.open == one.open)
  }

  @Test("Silence fails only a profile that asks for sound")
  func audio() throws {
    var body = try RuleFiles.rule("Config/quality/degraded.yaml")
    guard case .object(var members) = body, case .object(var metrics)? = members["metrics"] else { return #expect(Bool(false)) }
    metrics["audioRequired"] = true
    members["metrics"] = .object(metrics)
    body = .object(members)
    let asking = try QualityProfile(body)
    var window = JudgingTests.good()
    #expect(asking.judge(window).reasons == [.noAudio])
    window.audioFrames = 2800
    #expect(asking.judge(window).verdict == .pass)
    window.isSilent = true
    #expect(asking.judge(window).reasons == [.noAudio])
    #expect(try JudgingTests.profile("degraded").judge(window).verdict == .pass)
  }

  @Test("A low bit rate and frozen content only warn")
  func warnings() throws {
    var window = JudgingTests.good()
    window.bytesReceived = 60 * 2_400_000 / 8
    window.isFrozen = true
    let fixed = try JudgingTests.profile("gb-fixed")
    #expect(fixed.judge(window).warnings == ["frozenContent"])
    window.hop = .centre
    #expect(fixed.judge(window).warnings == ["bitRate", "frozenContent"])
    #expect(fixed.judge(window).verdict == .pass)
  }

  @Test("Few packets fail exactly when Wilson's lower end is above the limit", arguments: [1000, 10_000, 50_000] as [Int64])
  func lossTest(limit: Int64) throws {
    for expected in [10, 50, 59, 299, 900, 2999] as [Int64] where expected * limit < 3_000_000 {
      for lost in 0...min(expected, 40) {
        let interval = try #require(WilsonInterval(successes: lost, of: expected))
        let isAbove = lost > 0 && interval.low > Double(limit) / 1_000_000
        #expect((LossTest.judge(lost: lost, of: expected, limitPPM: limit) == .fail) == isAbove, "\(lost) of \(expected)")
      }
    }
  }

  @Test("A profile's mistakes are named by key and expectation")
  func mistakes() throws {
    let text = try RuleFiles.rule("Config/quality/gb-fixed.yaml").text
    func fault(_ from: String, _ to: String) throws -> Fault? {
      #expect(text.contains(from), "\(from) is not in the profile")
      let json = try JSON(parsing: text.replacing(from, with: to))
      do {
        _ = try QualityProfile(json)
        return nil
      } catch { return error }
    }
    #expect(try fault("\"maximumPPM\":1000,", "\"maximumPPM\":\"1000\",")?.detail.contains("integer") == true)
    let unknown = try fault("\"cleanRatio\":", "\"cleanRatoi\":")
    #expect(unknown?.code == .configUnknownKey)
    #expect(unknown?.detail == "profile.metrics.cleanRatoi: did you mean cleanRatio?")
    #expect(try fault("\"combine\":\"either\"", "\"combine\":\"any\"")?.detail.contains("either, both") == true)
    #expect(try fault("\"version\":1", "\"version\":0")?.detail == "profile.version: 0 is outside 1…1000000")
    #expect(
      try fault("\"sources\":{\"minimumWindowNs\":\"proposed\"},", "")?.detail == "profile.minimumWindowNs: its source clause is missing")
    #expect(try fault("\"id\":\"gb-fixed\",", "")?.detail.hasPrefix("profile.id") == true)
  }

  @Test("Mutated rule files are read or refused, never trapped on")
  func fuzz() throws {
    var random = Mutator(seed: 7)
    let samples = try ["quality/gb-fixed", "quality/field-mobile", "policies/thirty-minute", "policies/report30"].map {
      Array(try RuleFiles.rule("Config/\($0).yaml").text.utf8)
    }
    var refused = 0
    for round in 0..<8000 {
      let mutant = random.mutate(samples[round % 4], with: samples[(round + 1) % 4])
      guard let json = try? JSON(parsing: mutant) else { continue }
      do {
        if round % 4 < 2 { _ = try QualityProfile(json) } else { _ = try Policy(json) }
      } catch { refused += 1 }
    }
    #expect(refused > 100)
  }

  @Test("The session rule: connected, steady, mostly passing, mostly judgeable")
  func sessions() throws {
    let profile = try JudgingTests.profile("gb-fixed")
    var bad = JudgingTests.good()
    bad.packetsReceived = 5000
    var unclear = JudgingTests.good()
    unclear.observer.receiveBufferErrors = 3
    let pass = profile.judge(JudgingTests.good())
    let fail = profile.judge(bad)
    let open = profile.judge(unclear)
    func session(_ minutes: [Judgement], connected: Int64? = 20, outage: Int64 = 1) -> Judgement {
      SessionJudge(connectedAfter: connected.map { .seconds($0) }, wasOrdered: true, longestOutage: .seconds(outage), minutes: MinuteTally(minutes))
        .judge(by: profile)
    }
    let nineteen = Array(repeating: pass, count: 19)
    #expect(session(nineteen + [pass]).verdict == .pass)
    #expect(session(nineteen + [fail]).verdict == .pass)
    #expect(session(nineteen.dropLast() + [fail, fail]).reasons == [.loss])
    #expect(session(nineteen, connected: 61).reasons == [.offline])
    #expect(session(nineteen, connected: nil).reasons == [.offline])
    #expect(session(nineteen, outage: 31).reasons == [.offline])
    #expect(session([pass, pass, pass, pass, open]).verdict == .pass)
    #expect(session([pass, pass, pass, open]).verdict == .undetermined)
    #expect(session([]).verdict == .undetermined)
  }

  @Test("Every figure of a window's fact stands in docs/quality.md")
  func documented() throws {
    let text = try RuleFiles.text("docs/quality.md")
    for key in JudgingTests.good().fields.keys
    where !["stream", "hop", "session", "method", "index", "fromNs", "toNs", "observer"].contains(key) {
      #expect(text.contains("`\(key)`"), "\(key) is not documented")
    }
    let kinds = try RuleFiles.text("Sources/Model/Facts/FactKind.swift").split(separator: "\"")
      .filter { $0.contains(".") && !$0.contains(" ") && !$0.contains("\n") }
    let facts = try RuleFiles.text("docs/facts.md") + RuleFiles.text("docs/journal.md")
    #expect(kinds.count > 30)
    for kind in kinds { #expect(facts.contains("`\(kind)`"), "\(kind) is not documented") }
  }
}

extension QualityProfile.SessionRule {
  static var standard: QualityProfile.SessionRule? {
    try? QualityProfile(RuleFiles.rule("Config/quality/gb-fixed.yaml")).session
  }
}

extension QualityWindow {
  fileprivate mutating func reorder(_ depth: Int64, variation: Int64) {
    frames.reordered = 700
    reorderDepthNs = depth
    delayVariation = Quantiles([0, variation])
  }

  /// Bounds of the one-way delay of all units.
  fileprivate mutating func oneWay(_ low: Int64, _ high: Int64) {
    oneWayDelayLow = Quantiles([low])
    oneWayDelayHigh = Quantiles([high])
  }
}

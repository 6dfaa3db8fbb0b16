import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("The three rates are counted from facts, as by hand")
struct RatesTests {
  static let second: Int64 = 1_000_000_000

  /// A county with two registered devices and the rules embedded.
  static func county() throws -> FactLog {
    var log = FactLog()
    log.add(FactKind.nodeStarted, at: 1, [:])
    try embed(&log, "policy", "policies/connection")
    try embed(&log, "profile", "quality/field-mobile")
    for (device, town) in [("kit1", "武康"), ("kit2", "莫干山")] {
      log.add(
        FactKind.deviceRegistered, at: 2,
        ["device": .string(device), "stream": .string("live/\(device)"), "class": "soloKit", "town": .string(town)])
    }
    return log
  }

  static func embed(_ log: inout FactLog, _ what: String, _ path: String, _ change: (JSON) -> JSON = { $0 }) throws {
    let body = change(try RuleFiles.rule("Config/\(path).yaml"))
    log.add(
      FactKind.profileEmbedded, at: 2,
      [
        "what": .string(what), "id": body["id"] ?? .null, "version": body["version"] ?? .null, "sha256": .string(weakHash(body.text)),
        "body": body,
      ])
  }

  static func request(_ log: inout FactLog, _ attempt: String, _ device: String = "kit1", at time: Int64, wall: String = "2026-11-22T10:00:00Z") {
    log.add(
      FactKind.connectionRequested, at: time,
      [
        "attempt": .string(attempt), "device": .string(device), "stream": .string("live/\(device)"), "class": "soloKit", "how": "spotCheck",
      ], wall: wall)
  }

  static func picture(_ log: inout FactLog, _ attempt: String, _ device: String = "kit1", at time: Int64, arrival: Int64? = nil, visible: Bool = true)
  {
    log.add(
      FactKind.pictureDecoded, at: time,
      [
        "attempt": .string(attempt), "device": .string(device), "stream": .string("live/\(device)"), "unit": "u",
        "unitArrivalNs": .int(arrival ?? time - 1), "visible": .bool(visible), "vclSha256": "v", "decodedNs": .int(time),
      ])
  }

  static func rates(_ log: FactLog, month: String? = nil) -> RateFigures {
    let rates = RateFigures(facts: log.facts, incidents: IncidentFigures.all(from: log.facts), month: month)
    // Whoever counts as the facts come finds the same, in every story here.
    var reducer = RateReducer()
    for fact in log.facts { reducer.apply(fact) }
    #expect(reducer.figures(month: month).json.text == rates.json.text)
    return rates
  }

  static func texts(_ rate: Rate, _ member: String) -> String { rate.json[member]?.text ?? "" }

  // MARK: Counting

  @Test("20 of 20 is 83.9 to 100 percent; 0 of 20 is 0 to 16.1; 1 of 2 is 9.5 to 90.5; nothing judged has no interval")
  func wilson() throws {
    let all = try #require(WilsonInterval(successes: 20, of: 20))
    #expect((all.lowPPM, all.highPPM) == (838_875, 1_000_000))
    let none = try #require(WilsonInterval(successes: 0, of: 20))
    #expect((none.lowPPM, none.highPPM) == (0, 161_125))
    let half = try #require(WilsonInterval(successes: 1, of: 2))
    #expect((half.lowPPM, half.highPPM) == (94_531, 905_469))
    #expect(WilsonInterval(successes: 0, of: 0) == nil)
    let empty = RatesTests.rates(FactLog())
    #expect(
      empty.connection.json.text
        == #"{"denominator":0,"excluded":0,"exclusions":[],"failures":[],"groups":{"class":[],"device":[],"hop":[],"link":[],"month":[],"town":[]},"#
        + #""high95":null,"low95":null,"numerator":0,"open":[],"pending":0,"ratio":null,"rules":[],"undetermined":0}"#)
  }

  @Test("Decimals are printed in as few digits as they have, six at most, without an exponent")
  func digits() {
    let cases: [(Int64, String)] = [
      (0, "0"), (1, "0.000001"), (-1, "-0.000001"), (1_000_000, "1"), (1_500_000, "1.5"), (-101_000_010, "-101.00001"), (838_875, "0.838875"),
      (.max, "9223372036854.775807"), (.min, "-9223372036854.775808"),
    ]
    for (value, text) in cases { #expect(PrintedJSON.millionths(value).text == text) }
    #expect(PrintedJSON.object(["b": .list([.value(1), .value("\u{8}\"")]), "a": .value(.null)]).text == #"{"a":null,"b":[1,"\u0008\""]}"#)
  }

  // MARK: 联通率

  @Test("A picture within 60 s is a connection; one at 60.000000001 s is a timeout; the limit itself still counts")
  func limit() throws {
    for (elapsed, outcome) in [(60 * RatesTests.second, 1), (60 * RatesTests.second + 1, 0)] {
      var log = try RatesTests.county()
      RatesTests.request(&log, "a1", at: 100)
      RatesTests.picture(&log, "a1", at: 100 + elapsed)
      let rate = RatesTests.rates(log).connection
      #expect(rate.counts.numerator == outcome)
      #expect(rate.counts.denominator == 1)
      if outcome == 0 {
        #expect(
          RatesTests.texts(rate, "failures")
            == #"[{"device":"kit1","id":"a1","reasons":["timeout"],"seconds":60,"step":"t5","stream":"live/kit1"}]"#)
      }
    }
  }

  @Test("Nothing is judged before its time is over, and no clock is read to know that it is")
  func pending() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 100)
    #expect(RatesTests.rates(log).connection.pending == 1)
    log.add(FactKind.connectionMissed, at: 100 + 60 * RatesTests.second, ["attempt": "a1", "device": "kit1"])
    #expect(RatesTests.rates(log).connection.pending == 1)
    log.add(FactKind.connectionMissed, at: 101 + 60 * RatesTests.second, ["attempt": "a1", "device": "kit1"])
    let rate = RatesTests.rates(log).connection
    #expect((rate.pending, rate.counts.denominator, rate.counts.numerator) == (0, 1, 0))
    #expect(rate.failureReasons.map(\.reason) == ["offline"])
  }

  @Test("A cached picture, a black one and another device's are no connection")
  func noPicture() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 1000)
    RatesTests.picture(&log, "a1", at: 2000, arrival: 999)
    RatesTests.picture(&log, "a1", at: 3000, visible: false)
    RatesTests.picture(&log, "a1", "kit2", at: 4000)
    RatesTests.picture(&log, "a2", at: 4000)
    #expect(RatesTests.rates(log).connection.pending == 1)
    RatesTests.picture(&log, "a1", at: 5000)
    #expect(RatesTests.rates(log).connection.counts.numerator == 1)
  }

  @Test("Asking again within the limit is the same attempt; a later request is one of its own")
  func retries() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 0)
    RatesTests.request(&log, "a2", at: 60 * RatesTests.second)
    RatesTests.picture(&log, "a2", at: 60 * RatesTests.second, arrival: 60 * RatesTests.second)
    RatesTests.request(&log, "a3", at: 60 * RatesTests.second + 1)
    RatesTests.request(&log, "b1", "kit2", at: 60 * RatesTests.second + 2)
    let rate = RatesTests.rates(log).connection
    #expect((rate.counts.numerator, rate.counts.denominator, rate.pending) == (1, 1, 2))
    #expect(rate.outcomes.map(\.id) == ["a1", "a3", "b1"])
  }

  @Test(
    "Each failure says why and at which step",
    arguments: [
      ([], "offline", "t5"), ([FactKind.streamStarted], "noMedia", "t5"), ([FactKind.streamFirstPacket], "noKeyframe", "t5k"),
      ([FactKind.streamFirstKeyframe], "undecodable", "t6"), ([FactKind.streamFirstKeyframe, FactKind.streamInterrupted], "network", "t6"),
      ([FactKind.streamFirstPacket, FactKind.streamInterrupted, FactKind.streamResumed], "noKeyframe", "t5k"),
      ([FactKind.streamRefused], "busy", "t5"), ([FactKind.accessRefused], "busy", "t5"), ([FactKind.pullFailed], "busy", "t5"),
      ([FactKind.incidentClosed], "offline", "t5"),
    ] as [([String], String, String)])
  func reasons(story: [String], reason: String, step: String) throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 0)
    for (index, kind) in story.enumerated() {
      log.add(
        kind, at: Int64(index) + 5,
        [
          "stream": "live/kit1", "name": "live/kit1", "what": "publish", "code": "streamBusy", "origin": "network", "session": .string("s\(index)"),
          "incident": "other",
        ])
    }
    log.add(FactKind.connectionMissed, at: 61 * RatesTests.second, [:])
    let failures = RatesTests.texts(RatesTests.rates(log).connection, "failures")
    #expect(failures.contains("\"reasons\":[\"\(reason)\"]"))
    #expect(failures.contains("\"step\":\"\(step)\""))
  }

  @Test("Codes of the fault catalogue have the reasons that docs/recompute.md gives them")
  func codes() {
    let told: [FailureReason: [FaultCode]] = [
      .auth: [.accessDenied, .credentialsMissing, .credentialsWrong, .keyExpired, .tooManyAttempts], .busy: [.streamBusy],
      .unsupported: [.codecUnsupported, .transportUnsupported, .authenticationUnsupported], .noMedia: [.picturesStopped], .noKeyframe: [.noKeyframe],
      .undecodable: [.mediaMalformed, .decodeFailed],
      .offline: [.peerUnreachable, .pullFailed], .network: [.rtspTimeout, .handshakeTimeout, .publisherGone],
      .wrongSource: [.streamNameInvalid, .peerKeyMismatch],
    ]
    for (reason, codes) in told { for code in codes { #expect(FailureReason(code: code.rawValue) == reason, "\(code)") } }
    let named = Set(told.values.flatMap { $0 })
    for code in FaultCode.allCases where !named.contains(code) { #expect(FailureReason(code: code.rawValue) == .refused, "\(code)") }
  }

  @Test("A reboot in between leaves the attempt undetermined, not met, and told apart")
  func reboot() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 100)
    log.boot = "boot-b"
    log.add(FactKind.nodeStarted, at: 5, [:])
    let rate = RatesTests.rates(log).connection
    #expect((rate.counts.numerator, rate.counts.denominator, rate.counts.undetermined) == (0, 1, 1))
    #expect(RatesTests.texts(rate, "open") == #"[{"device":"kit1","id":"a1","reasons":["rebooted"],"stream":"live/kit1"}]"#)
  }

  @Test("Exclusions are printed with reason and approver; an offline device is never excluded")
  func exclusions() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 0)
    RatesTests.request(&log, "b1", "kit2", at: 1)
    log.add(FactKind.streamStarted, at: 5, ["stream": "live/kit2", "session": "s"])
    log.add(FactKind.connectionMissed, at: 62 * RatesTests.second, [:])
    for attempt in ["a1", "b1"] {
      log.add(
        FactKind.exclusionApproved, at: 63 * RatesTests.second,
        ["rate": "connection", "attempt": .string(attempt), "reason": "设备送修", "by": ["id": "00", "sha256": "ab"]])
    }
    log.add(FactKind.exclusionApproved, at: 63 * RatesTests.second, ["rate": "quality", "attempt": "b1", "reason": "", "by": "x"])
    let rate = RatesTests.rates(log).connection
    #expect((rate.counts.denominator, rate.counts.excluded) == (1, 1))
    #expect(rate.failureReasons.map(\.reason) == ["offline"])
    #expect(
      RatesTests.texts(rate, "exclusions")
        == #"[{"accepted":false,"approver":"ab","device":"kit1","id":"a1","reason":"设备送修"},"#
        + #"{"accepted":true,"approver":"ab","device":"kit2","id":"b1","reason":"设备送修"}]"#)
  }

  @Test("Groups: by town, class, device, month of China Standard Time")
  func groups() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 0, wall: "2026-10-31T15:59:59.999999999Z")
    RatesTests.picture(&log, "a1", at: 5)
    RatesTests.request(&log, "b1", "kit2", at: 6, wall: "2026-10-31T16:00:00Z")
    RatesTests.picture(&log, "b1", "kit2", at: 70 * RatesTests.second)
    RatesTests.request(&log, "c1", "unknown", at: 71 * RatesTests.second, wall: "yesterday")
    RatesTests.picture(&log, "c1", "unknown", at: 72 * RatesTests.second)
    func keys(_ rate: Rate, _ group: String) -> [String] {
      guard case .list(let items)? = rate.json["groups"]?[group] else { return [] }
      return items.map { "\($0["key"]?.text ?? "") \($0["numerator"]?.text ?? "")/\($0["denominator"]?.text ?? "")" }
    }
    let rate = RatesTests.rates(log).connection
    #expect(keys(rate, "month") == ["null 1/1", "\"2026-10\" 1/1", "\"2026-11\" 0/1"])
    #expect(keys(rate, "town") == ["null 1/1", "\"武康\" 1/1", "\"莫干山\" 0/1"])
    #expect(keys(rate, "device") == ["\"kit1\" 1/1", "\"kit2\" 0/1", "\"unknown\" 1/1"])
    #expect(RatesTests.rates(log, month: "2026-11").connection.counts.denominator == 1)
    #expect(RatesTests.rates(log, month: "2026-10").connection.counts.numerator == 1)
  }

  // MARK: 三十分钟响应率

  @Test("An incident that passed counts; one that straddles counts as not met and is listed apart; one that runs is pending")
  func thirtyMinute() throws {
    var story = IncidentStory()
    _ = try story.tell()
    #expect(RatesTests.rates(story.log).thirtyMinute.counts.numerator == 1)
    var straddling = IncidentStory()
    straddling.receiptAt = straddling.receivedAt + 31 * IncidentStory.minute
    straddling.sentAt = straddling.receivedAt + 29 * IncidentStory.minute
    straddling.unitArrival = straddling.sentAt - 1
    straddling.decodedAt = straddling.sentAt + 5
    _ = try straddling.tell()
    let counts = RatesTests.rates(straddling.log).thirtyMinute.counts
    #expect((counts.numerator, counts.denominator, counts.undetermined) == (0, 1, 1))
    var running = IncidentStory()
    _ = try running.open()
    #expect(RatesTests.rates(running.log).thirtyMinute.pending == 1)
    #expect(RatesTests.rates(running.log).thirtyMinute.counts.denominator == 0)
  }

  @Test("A failed incident names the step of the device that got furthest, and why")
  func furthest() throws {
    typealias Case = (kinds: [String], hasPicture: Bool, isLinked: Bool, expected: String)
    let cases: [Case] = [
      ([], false, true, #"["operator"] "t2""#), ([FactKind.incidentCalledOut], false, true, #"["offline"] "t5""#),
      ([FactKind.incidentCalledOut, FactKind.streamStarted], false, true, #"["noMedia"] "t5""#),
      ([FactKind.incidentCalledOut, FactKind.streamFirstPacket], false, true, #"["noKeyframe"] "t5k""#),
      ([FactKind.incidentCalledOut, FactKind.streamFirstPacket, FactKind.streamFirstKeyframe], false, true, #"["undecodable"] "t6""#),
      ([FactKind.incidentCalledOut], true, true, #"["timeout"] "t8""#), ([FactKind.incidentCalledOut], true, false, #"["network"] "t8""#),
    ]
    for one in cases {
      var story = IncidentStory()
      if one.isLinked { story.log.add(FactKind.linkUp, at: 5, ["uplink": "up"]) }
      _ = try story.open()
      for kind in one.kinds {
        story.log.add(kind, at: story.receivedAt + 5, ["incident": "i1", "device": "kit1", "stream": "live/cam1", "session": "s"])
      }
      if one.hasPicture { story.picture() }
      story.log.add(FactKind.incidentMissed, at: story.receivedAt + 31 * IncidentStory.minute, ["incident": "i1"])
      let rate = RatesTests.rates(story.log).thirtyMinute
      guard case .list(let failures)? = rate.json["failures"], let failure = failures.first else {
        return #expect(Bool(false), "no failure")
      }
      #expect("\(failure["reasons"]?.text ?? "") \(failure["step"]?.text ?? "")" == one.expected)
    }
  }

  @Test("Rates of any journal neither trap nor count what is not there")
  func anyFacts() throws {
    var log = try RatesTests.county()
    QualityRateTests.started(&log, "s1", at: 3)
    RatesTests.request(&log, "a1", at: 10)
    RatesTests.picture(&log, "a1", at: 12)
    for minute in 0..<5 { try QualityRateTests.window(&log, "s1", minute: Int64(minute)) }
    var random = Mutator(seed: 8)
    for _ in 0..<2000 {
      var facts = log.facts
      for _ in 0..<3 {
        let at = Int.random(in: 0..<facts.count, using: &random)
        let mutant = random.mutate(Array(JSON.object(facts[at].fields).text.utf8))
        if let fields = (try? JSON(parsing: mutant))?.objectValue { facts[at].fields = fields }
        if Int.random(in: 0..<3, using: &random) == 0 { facts[at].bootTime = BootTime(nanoseconds: .min) }
        if Int.random(in: 0..<4, using: &random) == 0 { facts.shuffle(using: &random) }
      }
      let rates = RateFigures(facts: facts, incidents: IncidentFigures.all(from: facts))
      for rate in [rates.connection, rates.thirtyMinute, rates.quality] {
        #expect(rate.counts.numerator <= rate.counts.denominator && rate.counts.denominator <= 3)
      }
    }
  }
}

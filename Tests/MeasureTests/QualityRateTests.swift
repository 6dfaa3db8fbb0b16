import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("连线质量达标率 is counted over lines, as by hand")
struct QualityRateTests {
  static let second = RatesTests.second

  static func window(
    _ log: inout FactLog, _ session: String, minute: Int64, verdict: String = "pass", reasons: [String] = [], open: [String] = [], freeze: Int64 = 0
  ) throws {
    let body = try RuleFiles.rule("Config/quality/field-mobile.yaml")
    log.add(
      FactKind.qualityWindow, at: (minute + 1) * 60 * second,
      [
        "stream": "live/kit1", "session": .string(session), "hop": "device", "fromNs": .int(minute * 60 * second),
        "toNs": .int((minute + 1) * 60 * second), "framesReceived": 1500, "longestFreezeNs": .int(freeze), "verdict": .string(verdict),
        "reasons": .array(reasons.map { .string($0) }), "open": .array(open.map { .string($0) }),
        "profile": ["id": "field-mobile", "version": 1, "sha256": .string(weakHash(body.text))],
      ])
  }

  static func started(_ log: inout FactLog, _ session: String, at time: Int64, after: String? = nil) {
    log.add(
      after == nil ? FactKind.streamStarted : FactKind.streamResumed, at: time,
      [
        "stream": "live/kit1", "session": .string(session), "previousSession": after.map { .string($0) } ?? .null, "protocol": "rtsp/udp",
        "hop": "device",
      ])
  }

  @Test("A takeover goes on with the same line: its minutes are one line's, counted once")
  func takeover() throws {
    var log = try RatesTests.county()
    Self.started(&log, "s1", at: 3)
    for minute in 0..<10 { try Self.window(&log, "s1", minute: Int64(minute)) }
    log.add(
      FactKind.streamInterrupted, at: 601 * RatesTests.second,
      ["stream": "live/kit1", "session": "s1", "origin": "network", "lastMediaNs": .int(600 * RatesTests.second)])
    Self.started(&log, "s2", at: 605 * RatesTests.second, after: "s1")
    for minute in 11..<21 { try Self.window(&log, "s2", minute: Int64(minute)) }
    let rate = RatesTests.rates(log).quality
    #expect((rate.counts.numerator, rate.counts.denominator) == (1, 1))
    #expect(rate.outcomes.map(\.id) == ["s1"])
    #expect(rate.json["groups"]?["link"]?.text.contains("rtsp/udp") == true)
    #expect(rate.json["groups"]?["town"]?.text.contains("武康") == true)
    // 40 s without a picture between the two: an outage.
    var late = try RatesTests.county()
    Self.started(&late, "s1", at: 3)
    try Self.window(&late, "s1", minute: 0)
    late.add(
      FactKind.streamInterrupted, at: 61 * RatesTests.second,
      ["stream": "live/kit1", "session": "s1", "origin": "network", "lastMediaNs": .int(60 * RatesTests.second)])
    Self.started(&late, "s2", at: 100 * RatesTests.second, after: "s1")
    try Self.window(&late, "s2", minute: 2)
    #expect(RatesTests.rates(late).quality.failureReasons.map(\.reason) == ["OFFLINE"])
  }

  @Test("A device that comes and goes without a goodbye is one line, and what it missed counts against it")
  func comesAndGoes() throws {
    func log(away: Int64, goodbye: Bool, times: Int) throws -> FactLog {
      var log = try RatesTests.county()
      var now: Int64 = 3 * RatesTests.second
      for time in 0..<times {
        Self.started(&log, "s\(time)", at: now)
        // 25 s of picture at a time: never a minute of its own.
        try Self.window(&log, "s\(time)", minute: now / RatesTests.second / 60, verdict: "undetermined", open: ["windowTooShort"])
        now += 25 * RatesTests.second
        log.add(
          FactKind.streamInterrupted, at: now,
          ["stream": "live/kit1", "session": .string("s\(time)"), "cause": goodbye ? "streamEnded" : "publisherGone", "lastMediaNs": .int(now)])
        now += away
      }
      return log
    }
    let flapping = RatesTests.rates(try log(away: 12 * RatesTests.second, goodbye: false, times: 10)).quality
    #expect(flapping.outcomes.map(\.id) == ["s0"] && flapping.outcomes.map(\.outcome) == ["fail"])
    #expect(flapping.outcomes.first?.reasons == ["OFFLINE"])
    let long = RatesTests.rates(try log(away: 300 * RatesTests.second, goodbye: false, times: 2)).quality
    #expect(long.outcomes.map(\.outcome) == ["fail"])
    // Who says goodbye may come again as somebody else; who is away for longer than ten minutes has not come back to the same line.
    #expect(RatesTests.rates(try log(away: 12 * RatesTests.second, goodbye: true, times: 3)).quality.outcomes.map(\.id) == ["s0", "s1", "s2"])
    #expect(RatesTests.rates(try log(away: 601 * RatesTests.second, goodbye: false, times: 2)).quality.outcomes.count == 2)
    // A second and a half of a minute may be missing under this profile.
    let short = RatesTests.rates(try log(away: 1_500_000_000, goodbye: false, times: 3)).quality
    #expect(short.outcomes.map(\.outcome) == ["undetermined"])
  }

  @Test("A freeze that the observer's own machine may have made speaks against no line")
  func limitedFreeze() throws {
    for (open, outcome) in [([], "fail"), (["observerLimited"], "pass")] as [([String], String)] {
      var log = try RatesTests.county()
      Self.started(&log, "s1", at: 3)
      for minute in 0..<20 { try Self.window(&log, "s1", minute: Int64(minute)) }
      try Self.window(&log, "s1", minute: 20, verdict: open.isEmpty ? "pass" : "undetermined", open: open, freeze: 31 * RatesTests.second)
      #expect(RatesTests.rates(log).quality.outcomes.map(\.outcome) == [outcome])
    }
  }

  @Test("The session rule over minutes: 95 % of the judged pass, 80 % can be judged, the rest of a minute at the end is none")
  func sessionRule() throws {
    typealias Case = (pass: Int, fail: Int, unclear: Int, short: Int, expected: String)
    let cases: [Case] = [
      (19, 1, 0, 1, "pass"), (18, 1, 0, 0, "fail LOSS"), (4, 0, 1, 0, "pass"), (3, 0, 1, 0, "undetermined tooFewMinutes"), (1, 0, 0, 3, "pass"),
    ]
    for one in cases {
      var log = try RatesTests.county()
      Self.started(&log, "s1", at: 3)
      var minute: Int64 = 0
      for (count, verdict, open) in [
        (one.pass, "pass", ""), (one.fail, "fail", ""), (one.unclear, "undetermined", "observerLimited"),
        (one.short, "undetermined", "windowTooShort"),
      ] {
        for _ in 0..<count {
          try Self.window(
            &log, "s1", minute: minute, verdict: verdict, reasons: verdict == "fail" ? ["LOSS"] : [], open: open.isEmpty ? [] : [open])
          minute += 1
        }
      }
      let outcome = RatesTests.rates(log).quality.outcomes.first
      #expect("\(outcome?.outcome ?? "") \(outcome?.reasons.joined() ?? "")".trimmed == one.expected)
    }
  }

  @Test("An ordered line that never comes fails as OFFLINE; one that came late fails too; undetermined lines leave the denominator")
  func orders() throws {
    var log = try RatesTests.county()
    RatesTests.request(&log, "a1", at: 10)
    log.add(FactKind.connectionMissed, at: 62 * RatesTests.second, [:])
    let never = RatesTests.rates(log).quality
    #expect(
      RatesTests.texts(never, "failures") == #"[{"device":"kit1","id":"a1","reasons":["OFFLINE"],"seconds":null,"step":"t5","stream":"live/kit1"}]"#)
    var late = try RatesTests.county()
    RatesTests.request(&late, "a1", at: 10)
    Self.started(&late, "s1", at: 59 * RatesTests.second)
    RatesTests.picture(&late, "a1", at: 61 * RatesTests.second)
    try Self.window(&late, "s1", minute: 1)
    #expect(RatesTests.rates(late).quality.outcomes.map(\.outcome) == ["fail"])
    #expect(RatesTests.rates(late).connection.json["groups"]?["link"]?.text.contains("rtsp/udp") == true)
    var limited = try RatesTests.county()
    Self.started(&limited, "s1", at: 3)
    try Self.window(&limited, "s1", minute: 0, verdict: "undetermined", open: ["observerLimited"])
    let counts = RatesTests.rates(limited).quality.counts
    #expect((counts.denominator, counts.undetermined) == (0, 1))
    #expect(counts.interval == nil)
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("An incident's first pictures are proven from facts alone")
struct IncidentFiguresTests {
  @Test("The usual story: county's time, both brackets, grade and verdict, as computed by hand")
  func usual() throws {
    var story = IncidentStory()
    let figures = try story.tell()
    #expect(figures.county?.time == .seconds(101))
    #expect(figures.county?.lower == .seconds(100))
    #expect(figures.province?.countyBracket == Bracket(lower: Nanoseconds(100_500_000_000), upper: .seconds(102)))
    #expect(figures.province?.provinceBracket == Bracket(lower: Nanoseconds(100_500_000_000), upper: Nanoseconds(101_500_000_000)))
    #expect(figures.province?.grade == .decoded)
    #expect(figures.verdict == .pass)
    #expect(figures.reasons == [])
    #expect(figures.refusals == [])
    let output = IncidentOutput(figures)
    #expect(output.county.seconds == 101)
    #expect(output.province.countyBracket?.lowerSeconds == 100.5)
    #expect(output.province.provinceBracket?.upperSeconds == 101.5)
    #expect(output.steps.map(\.id) == [.t1, .t6, .t8])
    #expect(output.steps.last?.uncertaintyMs == 1500)
    #expect(output.policy == "thirty-minute@1")
  }

  @Test("Steps t1…t10 are taken once a device, in order, with their intervals")
  func steps() throws {
    var story = IncidentStory()
    let opened = try story.open()
    for (index, kind) in [FactKind.incidentCalledOut, FactKind.incidentAcknowledged, FactKind.incidentOnScene].enumerated() {
      story.log.add(kind, at: story.receivedAt + Int64(index + 1) * 10_000_000_000, ["incident": "i1", "device": "kit1"])
      story.log.add(kind, at: story.receivedAt + Int64(index + 1) * 11_000_000_000, ["incident": "i1", "device": "kit1"])
    }
    story.log.add(FactKind.streamFirstPacket, at: story.receivedAt + 50_000_000_000, ["stream": "live/cam1", "session": "s"])
    story.log.add(FactKind.streamFirstPacket, at: story.receivedAt + 51_000_000_000, ["stream": "live/other", "session": "t"])
    story.log.add(FactKind.streamFirstKeyframe, at: story.receivedAt + 52_000_000_000, ["stream": "live/cam1", "session": "s"])
    story.sent()
    story.picture()
    story.receipt(opened)
    story.log.add(FactKind.incidentVoice, at: story.receivedAt + 120_000_000_000, ["incident": "i1", "device": "kit1"])
    story.log.add(FactKind.incidentClosed, at: story.receivedAt + 200_000_000_000, ["incident": "i1"])
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.steps.map(\.id) == [.t1, .t2, .t3, .t4, .t5, .t5k, .t6, .t8, .t9, .t10])
    #expect(figures.interval(from: .t1, to: .t2, device: "kit1") == .seconds(10))
    #expect(figures.interval(from: .t4, to: .t6, device: "kit1") == .seconds(71))
    #expect(figures.interval(from: .t5, to: .t5k, device: "kit1") == .seconds(2))
    #expect(figures.isClosed)
  }

  @Test("A stream that was live before t1 is preopened, and only a frame received after t1 counts")
  func preopened() throws {
    var story = IncidentStory()
    story.log.add(FactKind.streamStarted, at: 900_000_000_000, ["stream": "live/cam1", "session": "s"])
    let opened = try story.open()
    let late = story.unitArrival
    // A cached key frame: received before t1, decoded and sent after it.
    story.unitArrival = story.receivedAt - 1
    story.picture(unit: "county/live/cam1@1000#40")
    story.sent(unit: "county/live/cam1@1000#40")
    story.receipt(opened, unit: "county/live/cam1@1000#40")
    let before = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(before.county == nil)
    #expect(before.province == nil)
    #expect(before.refusals.map(\.reason) == ["beforeReceived", "beforeReceived"])
    #expect(before.devices.first?.isPreopened == true)
    #expect(before.verdict == .undetermined)
    story.unitArrival = late
    story.picture()
    story.sent()
    story.receipt(opened)
    let after = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(after.county?.time == .seconds(101))
    #expect(after.verdict == .pass)
    #expect(after.devices.last?.isPreopened == false)
  }

  @Test("A frame received exactly at t1 counts, one nanosecond earlier does not", arguments: [(0, true), (-1, false)])
  func edge(offset: Int64, counts: Bool) throws {
    var story = IncidentStory()
    story.unitArrival = story.receivedAt + offset
    let figures = try story.tell()
    #expect((figures.county != nil) == counts)
    #expect((figures.province != nil) == counts)
  }

  struct Forgery: CustomTestStringConvertible, Sendable {
    var name: String
    var reason: String
    var change: @Sendable (inout IncidentStory) -> Void
    var testDescription: String { name }
  }

  static let forgeries: [Forgery] = [
    Forgery(name: "an old receipt is replayed", reason: "nonce") { $0.change = { $0["nonce"] = "ffff456789abcdef0123456789abcdef" } },
    Forgery(name: "a receipt of another incident", reason: "nonce") { $0.change = { $0["incident"] = "i0" } },
    Forgery(name: "t1 was rewritten after the receipt", reason: "opened") { $0.change = { $0["openedSha256"] = "00" } },
    Forgery(name: "a receipt of another county", reason: "opened") { $0.change = { $0["county"] = "elsewhere" } },
    Forgery(name: "the signature does not hold", reason: "signature") { $0.verified = false },
    Forgery(name: "a unit that was never sent", reason: "unit") { $0.change = { $0["unit"] = "county/live/cam1@1000#51" } },
    Forgery(name: "a black picture", reason: "black") { $0.change = { $0["visible"] = false } },
    Forgery(name: "decoded before it was heard of", reason: "times") { $0.change = { $0["decodedNs"] = .int(8_640_000_500_000_000) } },
    Forgery(name: "heard before the beacon was sent", reason: "times") { $0.change = { $0["heardNs"] = .int(8_639_999_000_000_000) } },
    Forgery(name: "other pictures under our unit's name", reason: "content") { $0.change = { $0["vclSha256"] = "v2" } },
    Forgery(name: "a stream of no called device", reason: "notEligible") { $0.change = { $0["stream"] = "live/other" } },
    Forgery(name: "the receipt came before the unit was sent", reason: "times") { $0.receiptAt = $0.sentAt - 1 },
    Forgery(name: "a receipt without its times", reason: "malformed") { $0.change = { $0["decodedNs"] = nil } },
  ]

  @Test("False receipts are refused by name and prove nothing", arguments: forgeries)
  func refused(one: Forgery) throws {
    var story = IncidentStory()
    one.change(&story)
    let figures = try story.tell()
    #expect(figures.province == nil)
    #expect(figures.refusals.filter { $0.what == "receipt" }.map(\.reason) == [one.reason])
    #expect(figures.verdict == .undetermined)
    #expect(figures.reasons == [.running])
  }

  @Test("A receipt may not choose a beacon that t1 did not carry")
  func ownBeacon() throws {
    var story = IncidentStory()
    story.change = { $0["beaconNonce"] = "b9" }
    let figures = try story.tell()
    #expect(figures.province?.provinceBracket == nil)
    #expect(figures.province?.grade == .countyClockOnly)
    #expect(figures.verdict == .undetermined)
    #expect(figures.reasons == [.countyClockOnly])
  }

  @Test("Without a link at t1 the county's clock alone proves no pass, but proves lateness")
  func countyClockOnly() throws {
    var story = IncidentStory()
    story.hasBeacon = false
    let figures = try story.tell()
    #expect(figures.province?.grade == .countyClockOnly)
    #expect(figures.province?.countyBracket != nil)
    #expect(figures.verdict == .undetermined)
    var late = IncidentStory()
    late.hasBeacon = false
    for path in [\IncidentStory.unitArrival, \IncidentStory.sentAt, \IncidentStory.decodedAt, \IncidentStory.receiptAt] {
      late[keyPath: path] += 30 * IncidentStory.minute
    }
    #expect(try late.tell().verdict == .fail)
  }

  struct Limit: Sendable {
    /// Seconds of the two brackets.
    var county: (Int64, Int64)
    var province: (Int64, Int64)
    var verdict: Verdict
    var reasons: [IncidentReason]
  }

  static let limits: [Limit] = [
    Limit(county: (1799, 1800), province: (1799, 1800), verdict: .pass, reasons: []),
    Limit(county: (1799, 1801), province: (1798, 1800), verdict: .undetermined, reasons: [.straddles]),
    Limit(county: (1798, 1800), province: (1799, 1801), verdict: .undetermined, reasons: [.straddles]),
    Limit(county: (1800, 1801), province: (1799, 1802), verdict: .undetermined, reasons: [.straddles]),
    Limit(county: (1801, 1802), province: (1790, 1803), verdict: .fail, reasons: [.late]),
    Limit(county: (1790, 1803), province: (1801, 1802), verdict: .fail, reasons: [.late]),
    Limit(county: (100, 110), province: (200, 210), verdict: .undetermined, reasons: [.bracketsDisagree]),
    Limit(county: (100, 110), province: (2000, 2010), verdict: .fail, reasons: [.late, .bracketsDisagree]),
  ]

  @Test("1800 s: both upper bounds within pass, a lower bound above fails, anything else is undetermined", arguments: limits)
  func limit(one: Limit) throws {
    var story = IncidentStory()
    let second: Int64 = 1_000_000_000
    story.unitArrival = story.receivedAt + second
    story.sentAt = story.receivedAt + one.county.0 * second
    story.decodedAt = story.sentAt
    story.receiptAt = story.receivedAt + one.county.1 * second
    story.heardP = story.decodedP - one.province.0 * second
    story.beaconP = story.decodedP - one.province.1 * second
    let figures = try story.tell()
    #expect(figures.verdict == one.verdict)
    #expect(figures.reasons == one.reasons)
  }

  @Test("A unit sent twice is bounded from below by its first sending")
  func sentTwice() throws {
    var story = IncidentStory()
    let opened = try story.open()
    story.sent()
    story.sent(at: story.sentAt + 1_400_000_000)
    story.receipt(opened)
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.province?.countyBracket?.lower == Nanoseconds(100_500_000_000))
  }

  @Test("A county that rebooted after t1 keeps the province's bracket, and subtracts no boot times")
  func rebooted() throws {
    var story = IncidentStory()
    let opened = try story.open()
    story.log.boot = "boot-b"
    story.log.add(FactKind.nodeStarted, at: 10_000_000_000, ["version": "1"])
    // The kill may have taken the first announcement with it: this one is a retry all the same.
    story.log.add(FactKind.incidentAnnounced, at: 11_000_000_000, ["incident": "i1", "uplink": "up"])
    story.unitArrival = 20_000_000_000
    story.sentAt = 21_000_000_000
    story.decodedAt = 22_000_000_000
    story.receiptAt = 23_000_000_000
    story.sent()
    story.picture()
    story.receipt(opened)
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.county?.time == nil)
    #expect(figures.county?.device == "kit1")
    #expect(figures.retries.count == 1)
    #expect(figures.province?.countyBracket == nil)
    #expect(figures.province?.provinceBracket?.upper == Nanoseconds(101_500_000_000))
    #expect(figures.province?.grade == .decoded)
    #expect(figures.verdict == .pass)
    #expect(figures.reasons == [.countyRebooted])
  }

  @Test("A fixed high point alone is no picture of the scene, unless the policy says so")
  func highPoint() throws {
    var story = IncidentStory()
    let opened = try story.open()
    story.picture(device: "tower", stream: "live/tower")
    story.sent()
    story.receipt(opened, stream: "live/tower")
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.county == nil)
    #expect(figures.province == nil)
    #expect(figures.step(.t6, device: "tower") != nil)
    #expect(figures.refusals.map(\.reason) == ["notEligible", "notEligible"])
    var allowing = IncidentStory()
    allowing.policy = try JSON(parsing: IncidentStory.policy().text.replacing("\"vehicle\"]", with: "\"vehicle\",\"highPoint\"]"))
    let other = try allowing.open()
    allowing.picture(device: "tower", stream: "live/tower")
    allowing.sent()
    allowing.receipt(other, stream: "live/tower")
    #expect(try #require(IncidentFigures.compute("i1", from: allowing.log.facts)).verdict == .pass)
  }

  @Test("A black picture is none; the next visible one counts")
  func black() throws {
    var story = IncidentStory()
    _ = try story.open()
    story.visible = false
    story.picture()
    story.visible = true
    story.decodedAt += 2_000_000_000
    story.picture(unit: "county/live/cam1@1000#75")
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.county?.time == .seconds(103))
    #expect(figures.refusals.map(\.reason) == ["black"])
  }

  @Test("A second, different unit within 5 s shows that the picture lives; a policy may demand it")
  func alive() throws {
    func figures(after: Int64, unit: String, vcl: JSON, required: Bool) throws -> IncidentFigures {
      var story = IncidentStory()
      story.policy = try JSON(
        parsing: IncidentStory.policy().text.replacing(
          "\"secondPictureRequired\":false", with: "\"secondPictureRequired\":\(required)"))
      _ = try story.open()
      story.picture()
      story.log.add(
        FactKind.pictureSecond, at: story.decodedAt + after,
        ["incident": "i1", "device": "kit1", "stream": "live/cam1", "unit": .string(unit), "vclSha256": vcl])
      return try #require(IncidentFigures.compute("i1", from: story.log.facts))
    }
    let other = "county/live/cam1@1000#51"
    #expect(try figures(after: 5_000_000_000, unit: other, vcl: "v2", required: true).county?.time == .seconds(101))
    #expect(try figures(after: 5_000_000_001, unit: other, vcl: "v2", required: true).county == nil)
    #expect(try figures(after: 1, unit: other, vcl: "v1", required: true).county == nil)
    #expect(try figures(after: 1, unit: IncidentStory.unit, vcl: "v2", required: true).county == nil)
    #expect(try figures(after: 5_000_000_001, unit: other, vcl: "v2", required: false).devices.first?.isAlive == false)
    #expect(try figures(after: 5_000_000_001, unit: other, vcl: "v2", required: false).county != nil)
  }

  @Test("Time passes by facts: running, missed, closed without a picture")
  func withoutPicture() throws {
    var story = IncidentStory()
    _ = try story.open()
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.reasons == [.running])
    var closed = story
    closed.log.add(FactKind.incidentClosed, at: story.receivedAt + IncidentStory.minute, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: closed.log.facts)?.reasons == [.noPicture])
    #expect(IncidentFigures.compute("i1", from: closed.log.facts)?.verdict == .fail)
    story.log.add(FactKind.incidentMissed, at: story.receivedAt + 30 * IncidentStory.minute, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .undetermined)
    story.log.add(FactKind.clockState, at: story.receivedAt + 30 * IncidentStory.minute + 1, ["synced": true])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .undetermined, "time passes by incidents' own facts")
    story.log.add(FactKind.incidentMissed, at: story.receivedAt + 30 * IncidentStory.minute + 1, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .fail)
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.reasons == [.late])
    #expect(IncidentFigures.compute("unknown", from: story.log.facts) == nil)
  }

  @Test("Warnings are due at 20 and 25 minutes, and the limit is missed after 30")
  func warnings() throws {
    let policy = try Policy(IncidentStory.policy())
    #expect(policy.due(after: Nanoseconds(20 * IncidentStory.minute - 1)).warnings == [])
    #expect(policy.due(after: Nanoseconds(20 * IncidentStory.minute)).warnings == [20])
    #expect(policy.due(after: Nanoseconds(25 * IncidentStory.minute)).warnings == [20, 25])
    #expect(!policy.due(after: Nanoseconds(30 * IncidentStory.minute)).isMissed)
    #expect(policy.due(after: Nanoseconds(30 * IncidentStory.minute + 1)).isMissed)
  }

  @Test("The policies of the project are read", arguments: [("thirty-minute", 1800), ("connection", 60), ("report30", 1800)])
  func policies(name: String, limit: Int64) throws {
    let policy = try Policy(RuleFiles.rule("Config/policies/\(name).yaml"))
    #expect(policy.id == name)
    #expect(policy.limitNs == limit * 1_000_000_000)
  }

  @Test("Wall clocks are labels: any of them gives the same figures")
  func wallClock() throws {
    var story = IncidentStory()
    let figures = try story.tell()
    let stepped = story.log.facts.map { fact in
      var fact = fact
      fact.wall = fact.sequence % 2 == 0 ? "1999-01-01T00:00:00Z" : "2099-01-01T00:00:00Z"
      return fact
    }
    let again = try #require(IncidentFigures.compute("i1", from: stepped))
    #expect(again.county == figures.county)
    #expect(again.province == figures.province)
    #expect(again.verdict == figures.verdict)
  }

  @Test("Facts of another node are not taken for the county's")
  func otherNode() throws {
    var story = IncidentStory()
    let opened = try story.open()
    story.log.node = "province"
    story.sent()
    story.picture()
    story.receipt(opened)
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.county == nil && figures.province == nil && figures.refusals.isEmpty)
  }

  @Test("Instants of two nodes or two boots have no difference")
  func instants() {
    let a = NodeInstant(node: "county", boot: "a", time: seconds(5))
    #expect(a.at(seconds(7)) - a == .seconds(2))
    #expect(NodeInstant(node: "province", boot: "a", time: seconds(7)) - a == nil)
    #expect(NodeInstant(node: "county", boot: "b", time: seconds(7)) - a == nil)
  }

  @Test("Both brackets contain the truth on random links with unrelated clocks", arguments: 0..<300)
  func containTruth(seed: UInt64) throws {
    var random = Mutator(seed: seed)
    // World time in nanoseconds; each node's clock is world + its own offset.
    let county = Int64.random(in: 0...1_000_000_000_000, using: &random)
    let province = Int64.random(in: 8_000_000_000_000_000...9_000_000_000_000_000, using: &random)
    func delay(_ most: Int64) -> Int64 { Int64.random(in: 100_000...most, using: &random) }
    let asymmetric: (up: Int64, down: Int64) = seed % 2 == 0 ? (60_000_000, 10_000_000) : (5_000_000, 400_000_000)
    let beaconSent = 2_000_000_000_000 + delay(1_000_000_000)
    let beaconArrived = beaconSent + delay(asymmetric.down)
    let opened = beaconArrived + delay(1_000_000_000)
    let heard = opened + delay(asymmetric.up)
    let arrived = opened + delay(1_500_000_000_000)
    let sent = arrived + delay(50_000_000)
    let decoded = max(heard, sent) + delay(asymmetric.up) + delay(300_000_000)
    let receipt = decoded + delay(asymmetric.down)
    var story = IncidentStory()
    story.receivedAt = opened + county
    story.unitArrival = arrived + county
    story.sentAt = sent + county
    story.decodedAt = sent + delay(300_000_000) + county
    story.receiptAt = receipt + county
    story.beaconP = beaconSent + province
    story.heardP = heard + province
    story.decodedP = decoded + province
    let figures = try story.tell()
    let truth = Nanoseconds(decoded - opened)
    let countyBracket = try #require(figures.province?.countyBracket)
    let provinceBracket = try #require(figures.province?.provinceBracket)
    #expect(countyBracket.lower <= truth && truth <= countyBracket.upper)
    #expect(provinceBracket.lower <= truth && truth <= provinceBracket.upper)
    #expect(
      figures.verdict == (max(countyBracket.upper, provinceBracket.upper) <= .seconds(1800) ? .pass : .undetermined)
        || truth > .seconds(1800))
  }

  @Test("A province's own journal gives its bracket before any receipt is back")
  func provinceSide() {
    var log = FactLog(node: "province", boot: "boot-p")
    log.add(FactKind.provinceHeard, at: 5_000, ["incident": "i1", "county": "county", "nonce": "n", "beaconNonce": "b", "beaconNs": 3_000])
    log.add(
      FactKind.provinceDecoded, at: 6_000, ["incident": "i1", "county": "county", "unit": "u0", "unitArrivalNs": 4_999, "visible": true])
    log.add(
      FactKind.provinceDecoded, at: 7_000, ["incident": "i1", "county": "county", "unit": "u1", "unitArrivalNs": 5_500, "visible": false])
    log.add(
      FactKind.provinceDecoded, at: 8_000, ["incident": "i1", "county": "county", "unit": "u2", "unitArrivalNs": 5_600, "visible": true])
    let figures = ProvinceFigures.all(from: log.facts)
    #expect(figures.count == 1)
    #expect(figures.first?.unit == "u2")
    #expect(figures.first?.bracket == Bracket(lower: Nanoseconds(3_000), upper: Nanoseconds(5_000)))
  }
}

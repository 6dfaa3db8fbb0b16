import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("An incident's first pictures are proven from facts alone")
struct IncidentFiguresTests {
  static let nonce = "0123456789abcdef0123456789abcdef"
  static let unit = "county/live/cam1@1000#50"
  static let minute: Int64 = 60_000_000_000

  static func policy() throws -> JSON { try RuleFiles.rule("Config/policies/thirty-minute.yaml") }

  /// A story of one incident, each moment of which a test may move. Times in nanoseconds; the province's clock is its own.
  struct Story {
    var log = FactLog()
    var receivedAt: Int64 = 1_000_000_000_000
    var unitArrival: Int64 = 1_100_000_000_000
    var decodedAt: Int64 = 1_101_000_000_000
    var sentAt: Int64 = 1_100_500_000_000
    var receiptAt: Int64 = 1_102_000_000_000
    var beaconP: Int64 = 8_640_000_000_000_000
    var heardP: Int64 = 8_640_001_000_000_000
    var decodedP: Int64 = 8_640_101_500_000_000
    var deviceClass = "soloKit"
    var visible = true
    var verified = true
    var grade = "decoded"
    var hasBeacon = true
    var policy: JSON = .null
    var change: (inout [String: JSON]) -> Void = { _ in }

    mutating func open(device: String = "kit1") throws -> Fact {
      if policy == .null { policy = try IncidentFiguresTests.policy() }
      return log.add(
        FactKind.incidentOpened, at: receivedAt,
        [
          "incident": "i1", "title": "演练", "nonce": .string(IncidentFiguresTests.nonce),
          "devices": [
            ["device": .string(device), "stream": "live/cam1", "class": .string(deviceClass)],
            ["device": "tower", "stream": "live/tower", "class": "highPoint"],
          ],
          "policy": ["id": "thirty-minute", "version": 1, "sha256": .string(weakHash(policy.text)), "body": policy],
          "beacons": hasBeacon
            ? [["uplink": "up", "peer": "aa", "nonce": "b1", "arrivalNs": .int(receivedAt - 400_000_000)]] : [],
        ])
    }

    mutating func picture(device: String = "kit1", stream: String = "live/cam1", unit: String = IncidentFiguresTests.unit) {
      log.add(
        FactKind.pictureDecoded, at: decodedAt,
        [
          "incident": "i1", "device": .string(device), "stream": .string(stream), "unit": .string(unit),
          "unitArrivalNs": .int(unitArrival), "vclSha256": "v1", "jpegSha256": "j1", "visible": .bool(visible), "dark": false,
          "decodedNs": .int(decodedAt), "width": 1280, "height": 720,
        ])
    }

    mutating func sent(at: Int64? = nil, unit: String = IncidentFiguresTests.unit) {
      log.add(
        FactKind.keyframeSent, at: at ?? sentAt,
        ["uplink": "up", "stream": "live/cam1", "unit": .string(unit), "unitArrivalNs": .int(unitArrival)])
    }

    mutating func receipt(_ opened: Fact, stream: String = "live/cam1", unit: String = IncidentFiguresTests.unit) {
      var receipt: [String: JSON] = [
        "v": 1, "county": "county", "province": "province", "boot": "boot-p", "incident": "i1",
        "nonce": .string(IncidentFiguresTests.nonce), "openedSha256": .string(opened.hash), "stream": .string(stream),
        "unit": .string(unit), "vclSha256": "v1", "jpegSha256": "j2", "beaconNonce": hasBeacon ? "b1" : .null,
        "beaconNs": hasBeacon ? .int(beaconP) : .null, "heardNs": .int(heardP), "decodedNs": .int(decodedP), "width": 1280,
        "height": 720, "visible": true, "dark": false, "grade": .string(grade),
      ]
      change(&receipt)
      log.add(
        FactKind.receiptReceived, at: receiptAt,
        ["incident": "i1", "uplink": "up", "receipt": .object(receipt), "receiptSha256": "r1", "verified": .bool(verified)])
    }

    /// The whole story in its usual order.
    mutating func tell() throws -> IncidentFigures {
      let opened = try open()
      sent()
      picture()
      receipt(opened)
      return try #require(IncidentFigures.compute("i1", from: log.facts))
    }
  }

  @Test("The usual story: county's time, both brackets, grade and verdict, as computed by hand")
  func usual() throws {
    var story = Story()
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
    var story = Story()
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
    var story = Story()
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
    var story = Story()
    story.unitArrival = story.receivedAt + offset
    let figures = try story.tell()
    #expect((figures.county != nil) == counts)
    #expect((figures.province != nil) == counts)
  }

  struct Forgery: CustomTestStringConvertible, Sendable {
    var name: String
    var reason: String
    var change: @Sendable (inout Story) -> Void
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
    Forgery(name: "a stream of no called device", reason: "notEligible") { $0.change = { $0["stream"] = "live/other" } },
    Forgery(name: "the receipt came before the unit was sent", reason: "times") { $0.receiptAt = $0.sentAt - 1 },
    Forgery(name: "a receipt without its times", reason: "malformed") { $0.change = { $0["decodedNs"] = nil } },
  ]

  @Test("False receipts are refused by name and prove nothing", arguments: forgeries)
  func refused(one: Forgery) throws {
    var story = Story()
    one.change(&story)
    let figures = try story.tell()
    #expect(figures.province == nil)
    #expect(figures.refusals.filter { $0.what == "receipt" }.map(\.reason) == [one.reason])
    #expect(figures.verdict == .undetermined)
    #expect(figures.reasons == [.running])
  }

  @Test("A receipt may not choose a beacon that t1 did not carry")
  func ownBeacon() throws {
    var story = Story()
    story.change = { $0["beaconNonce"] = "b9" }
    let figures = try story.tell()
    #expect(figures.province?.provinceBracket == nil)
    #expect(figures.province?.grade == .countyClockOnly)
    #expect(figures.verdict == .undetermined)
    #expect(figures.reasons == [.countyClockOnly])
  }

  @Test("Without a link at t1 the county's clock alone proves no pass, but proves lateness")
  func countyClockOnly() throws {
    var story = Story()
    story.hasBeacon = false
    let figures = try story.tell()
    #expect(figures.province?.grade == .countyClockOnly)
    #expect(figures.province?.countyBracket != nil)
    #expect(figures.verdict == .undetermined)
    var late = Story()
    late.hasBeacon = false
    for path in [\Story.unitArrival, \Story.sentAt, \Story.decodedAt, \Story.receiptAt] {
      late[keyPath: path] += 30 * IncidentFiguresTests.minute
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
    var story = Story()
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
    var story = Story()
    let opened = try story.open()
    story.sent()
    story.sent(at: story.sentAt + 1_400_000_000)
    story.receipt(opened)
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.province?.countyBracket?.lower == Nanoseconds(100_500_000_000))
  }

  @Test("A county that rebooted after t1 keeps the province's bracket, and subtracts no boot times")
  func rebooted() throws {
    var story = Story()
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
    var story = Story()
    let opened = try story.open()
    story.picture(device: "tower", stream: "live/tower")
    story.sent()
    story.receipt(opened, stream: "live/tower")
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.county == nil)
    #expect(figures.province == nil)
    #expect(figures.step(.t6, device: "tower") != nil)
    #expect(figures.refusals.map(\.reason) == ["notEligible", "notEligible"])
    var allowing = Story()
    allowing.policy = try JSON(parsing: IncidentFiguresTests.policy().text.replacing("\"vehicle\"]", with: "\"vehicle\",\"highPoint\"]"))
    let other = try allowing.open()
    allowing.picture(device: "tower", stream: "live/tower")
    allowing.sent()
    allowing.receipt(other, stream: "live/tower")
    #expect(try #require(IncidentFigures.compute("i1", from: allowing.log.facts)).verdict == .pass)
  }

  @Test("A black picture is none; the next visible one counts")
  func black() throws {
    var story = Story()
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
      var story = Story()
      story.policy = try JSON(
        parsing: IncidentFiguresTests.policy().text.replacing(
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
    #expect(try figures(after: 1, unit: IncidentFiguresTests.unit, vcl: "v2", required: true).county == nil)
    #expect(try figures(after: 5_000_000_001, unit: other, vcl: "v2", required: false).devices.first?.isAlive == false)
    #expect(try figures(after: 5_000_000_001, unit: other, vcl: "v2", required: false).county != nil)
  }

  @Test("Time passes by facts: running, missed, closed without a picture")
  func withoutPicture() throws {
    var story = Story()
    _ = try story.open()
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.reasons == [.running])
    var closed = story
    closed.log.add(FactKind.incidentClosed, at: story.receivedAt + IncidentFiguresTests.minute, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: closed.log.facts)?.reasons == [.noPicture])
    #expect(IncidentFigures.compute("i1", from: closed.log.facts)?.verdict == .fail)
    story.log.add(FactKind.incidentMissed, at: story.receivedAt + 30 * IncidentFiguresTests.minute, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .undetermined)
    story.log.add(FactKind.clockState, at: story.receivedAt + 30 * IncidentFiguresTests.minute + 1, ["synced": true])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .undetermined, "time passes by incidents' own facts")
    story.log.add(FactKind.incidentMissed, at: story.receivedAt + 30 * IncidentFiguresTests.minute + 1, ["incident": "i1"])
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.verdict == .fail)
    #expect(IncidentFigures.compute("i1", from: story.log.facts)?.reasons == [.late])
    #expect(IncidentFigures.compute("unknown", from: story.log.facts) == nil)
  }

  @Test("Warnings are due at 20 and 25 minutes, and the limit is missed after 30")
  func warnings() throws {
    let policy = try Policy(IncidentFiguresTests.policy())
    #expect(policy.due(after: Nanoseconds(20 * IncidentFiguresTests.minute - 1)).warnings == [])
    #expect(policy.due(after: Nanoseconds(20 * IncidentFiguresTests.minute)).warnings == [20])
    #expect(policy.due(after: Nanoseconds(25 * IncidentFiguresTests.minute)).warnings == [20, 25])
    #expect(!policy.due(after: Nanoseconds(30 * IncidentFiguresTests.minute)).isMissed)
    #expect(policy.due(after: Nanoseconds(30 * IncidentFiguresTests.minute + 1)).isMissed)
  }

  @Test("The policies of the project are read", arguments: [("thirty-minute", 1800), ("connection", 60), ("report30", 1800)])
  func policies(name: String, limit: Int64) throws {
    let policy = try Policy(RuleFiles.rule("Config/policies/\(name).yaml"))
    #expect(policy.id == name)
    #expect(policy.limitNs == limit * 1_000_000_000)
  }

  @Test("Wall clocks are labels: any of them gives the same figures")
  func wallClock() throws {
    var story = Story()
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

  @Test("The breakdown gives each part what is its own, and names the largest")
  func breakdown() throws {
    var story = Story()
    let opened = try story.open()
    let second: Int64 = 1_000_000_000
    func add(_ kind: String, _ after: Int64, _ fields: [String: JSON]) { story.log.add(kind, at: story.receivedAt + after * second, fields) }
    let own: [String: JSON] = ["incident": "i1", "device": "kit1"]
    add(FactKind.incidentCalledOut, 2, own)
    add(FactKind.incidentAcknowledged, 10, own)
    add(FactKind.incidentOnScene, 60, own)
    add(FactKind.streamStarted, 90, ["stream": "live/cam1", "session": "s"])
    add(FactKind.streamFirstPacket, 93, ["stream": "live/cam1", "session": "s"])
    add(FactKind.streamFirstKeyframe, 100, ["stream": "live/cam1", "session": "s"])
    story.sent()
    story.picture()
    story.receipt(opened)
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    let made = try #require(figures.breakdown)
    #expect(made.device == "kit1")
    #expect(
      made.parts == [
        .desk: .seconds(2), .crew: .seconds(88), .network: .seconds(3), .keyFrame: .seconds(7), .decode: .seconds(1), .uplink: .seconds(1),
      ])
    #expect(made.parts.values.reduce(0) { $0 + $1.value } == 102 * second, "they add up to t1 → t8")
    #expect([made.answer, made.travel, made.setup] == [.seconds(8), .seconds(50), .seconds(30)])
    #expect(made.largest == .crew)
    #expect(made.waitingFor == nil)
    #expect(made.sent == Nanoseconds(-500_000_000), "it left half a second before it was decoded here")
    let output = try #require(IncidentOutput(figures).breakdown)
    #expect(IncidentBreakdown.Part.allCases.map { output[$0] } == [2, 88, 3, 7, 1, 1])
    #expect(figures.json["breakdown"]?["largest"] == "crew")
    #expect(figures.json["breakdown"]?["crewNs"] == .int(88 * second))
  }

  @Test("Of a stream that was live before t1 no part is counted twice; what is not known is null, and the next step is named")
  func breakdownOfPreopened() throws {
    var story = Story()
    story.log.add(FactKind.streamStarted, at: 900_000_000_000, ["stream": "live/cam1", "session": "s"])
    _ = try story.open()
    let second: Int64 = 1_000_000_000
    // The next packet was there before the desk had called anybody out.
    story.log.add(FactKind.streamFirstPacket, at: story.receivedAt + second, ["stream": "live/cam1", "incident": "i1"])
    story.log.add(FactKind.incidentCalledOut, at: story.receivedAt + 3 * second, ["incident": "i1", "device": "kit1"])
    story.log.add(FactKind.streamFirstKeyframe, at: story.receivedAt + 4 * second, ["stream": "live/cam1", "incident": "i1"])
    let made = try #require(IncidentFigures.compute("i1", from: story.log.facts)?.breakdown)
    #expect(made.parts == [.desk: .seconds(3), .crew: .zero, .keyFrame: .seconds(1)])
    #expect(made.largest == .desk)
    #expect(made.waitingFor == .t6)
    #expect(made.answer == nil && made.setup == nil)
    // The one that got furthest is broken down, not the first.
    var other = Story()
    _ = try other.open()
    other.log.add(FactKind.incidentCalledOut, at: other.receivedAt + 1, ["incident": "i1", "device": "tower"])
    let furthest = try #require(IncidentFigures.compute("i1", from: other.log.facts)?.breakdown)
    #expect(furthest.device == "tower")
    #expect(furthest.waitingFor == .t5)
  }

  @Test("Where the clocks' offset is known the uplink's way is split, within what is proven")
  func dated() throws {
    var story = Story()
    let opened = try story.open()
    story.sent()
    story.picture()
    story.receipt(opened)
    let facts = story.log.facts.map { fact in
      var fact = fact
      // p(E7) was c = 1101.2 s, known to a tenth of a second.
      let offset = story.decodedP - 1_101_200_000_000
      if fact.kind == FactKind.receiptReceived {
        fact.fields["offset"] = ["peerBoot": "boot-p", "lowNs": .int(offset - 100_000_000), "highNs": .int(offset + 100_000_000)]
      }
      return fact
    }
    let figures = try #require(IncidentFigures.compute("i1", from: facts))
    let dated = try #require(figures.province?.dated)
    // 15 ppm of the 0.9 s at most between the two: 13.5 µs.
    #expect(dated == Bracket(lower: Nanoseconds(101_099_986_500), upper: Nanoseconds(101_300_013_500)))
    #expect(figures.breakdown?.up == Bracket(lower: Nanoseconds(599_986_500), upper: Nanoseconds(800_013_500)))
    #expect(figures.breakdown?.back == Bracket(lower: Nanoseconds(699_986_500), upper: Nanoseconds(900_013_500)))
    let elsewhere = facts.map { fact in
      var fact = fact
      if fact.kind == FactKind.receiptReceived { fact.fields["offset"] = ["peerBoot": "boot-q", "lowNs": 0, "highNs": 0] }
      return fact
    }
    #expect(IncidentFigures.compute("i1", from: elsewhere)?.province?.dated == nil, "an offset to another boot tells nothing")
  }

  @Test("Pictures shown in the hall, retries and offers are listed, and change neither figure nor verdict")
  func listed() throws {
    var story = Story()
    let opened = try story.open()
    func announce(_ uplink: String, _ after: Int64) {
      story.log.add(
        FactKind.incidentAnnounced, at: story.receivedAt + after, ["incident": "i1", "uplink": .string(uplink), "peerBoot": "boot-p"])
    }
    announce("up", 1)
    announce("city", 2)
    announce("up", 3)
    announce("up", 4)
    story.sent(unit: "county/live/cam1@1000#49")
    story.sent()
    story.sent(at: story.sentAt + 5)
    story.picture()
    story.receipt(opened)
    announce("up", 200_000_000_000)
    story.sent(at: story.sentAt + 9_000_000_000, unit: "county/live/cam1@1000#60")
    story.log.add(
      FactKind.pictureShown, at: story.receivedAt + 103_000_000_000,
      ["incident": "i1", "device": "kit1", "stream": "live/cam1", "what": "snapshot", "viewer": "screen-one", "ageNs": 20_000_000])
    let figures = try #require(IncidentFigures.compute("i1", from: story.log.facts))
    #expect(figures.retries.map(\.at.time.nanoseconds) == [story.receivedAt + 3, story.receivedAt + 4])
    #expect(figures.offers == 2)
    #expect(figures.shown.map(\.since) == [.seconds(103)])
    var plain = Story()
    let same = try plain.tell()
    #expect(figures.county == same.county && figures.province?.provinceBracket == same.province?.provinceBracket)
    #expect(figures.verdict == same.verdict)
    #expect(!figures.steps.contains { $0.source == FactKind.pictureShown })
  }

  @Test("Facts of another node are not taken for the county's")
  func otherNode() throws {
    var story = Story()
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
    var story = Story()
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

import Measure
import Model
import Testing

@Suite("Where an incident's time went, and what is listed beside its figures")
struct IncidentBreakdownTests {
  @Test("The breakdown gives each part what is its own, and names the largest")
  func breakdown() throws {
    var story = IncidentStory()
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
    var story = IncidentStory()
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
    var other = IncidentStory()
    _ = try other.open()
    other.log.add(FactKind.incidentCalledOut, at: other.receivedAt + 1, ["incident": "i1", "device": "tower"])
    let furthest = try #require(IncidentFigures.compute("i1", from: other.log.facts)?.breakdown)
    #expect(furthest.device == "tower")
    #expect(furthest.waitingFor == .t5)
  }

  @Test("Where the clocks' offset is known the uplink's way is split, within what is proven")
  func dated() throws {
    var story = IncidentStory()
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
    var story = IncidentStory()
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
    var plain = IncidentStory()
    let same = try plain.tell()
    #expect(figures.county == same.county && figures.province?.provinceBracket == same.province?.provinceBracket)
    #expect(figures.verdict == same.verdict)
    #expect(!figures.steps.contains { $0.source == FactKind.pictureShown })
  }
}

import FirstFrameTesting
import Journal
import Measure
import Model
import Testing

@testable import Command

/// Facts of a county in order, numbered as its journal would.
private struct Ledger {
  private(set) var sequence: Int64 = 0

  mutating func fact(_ kind: String, _ fields: [String: JSON], at seconds: Int64 = 0) -> Fact {
    sequence += 1
    return Fact(
      node: "county", boot: "b", sequence: sequence, bootTime: BootTime(nanoseconds: seconds * 1_000_000_000), wall: "", kind: kind,
      previous: "", hash: "h\(sequence)", fields: fields)
  }

  mutating func fact(_ body: some FactBody, at seconds: Int64 = 0) -> Fact { fact(body.kind, body.fields, at: seconds) }

  mutating func opened(_ id: String, title: String = "t") -> Fact {
    fact(
      IncidentOpenedFact(
        incident: id, title: title, nonce: "n", receivedAt: nil, external: nil, devices: [],
        policy: EmbeddedRule(RuleReference(id: "p", version: 1, sha256: "s"), body: TwoCentres.policy), beacons: []))
  }
}

@Suite("The book of incidents")
struct IncidentBookTests {
  @Test("shows a committed fact at once, and judges by it only when the feed has brought it")
  func ahead() throws {
    var ledger = Ledger()
    var book = IncidentBook()
    let opened = ledger.opened("i1")
    book.show(opened)
    #expect(book.ids == ["i1"] && book.open["i1"]?.title == "t")
    #expect(book.figures(of: "i1")?.isClosed == false)
    let closed = ledger.fact(IncidentClosedFact(incident: "i1", reason: nil), at: 60)
    book.show(closed)
    #expect(book.figures(of: "i1")?.isClosed == true && book.open.isEmpty && book.entries["i1"]?.closed == 2)
    #expect(book.throughSequence == 0)
    #expect(book.apply(opened).verdicts.isEmpty)
    let outcome = book.apply(closed)
    #expect(outcome.verdicts.map(\.verdict) == [.fail] && outcome.verdicts.map(\.throughSequence) == [2])
    #expect(outcome.isInOrder && outcome.closed?.id == "i1")
    #expect(book.figures(of: "i1") == nil, "a closed one is let go")
    #expect(book.ids == ["i1"], "once, though it came twice")
  }

  @Test("publishes a verdict when it is settled or changed, not with every fact")
  func verdicts() {
    var ledger = Ledger()
    var book = IncidentBook()
    #expect(book.apply(ledger.opened("i1")).verdicts.isEmpty, "still running")
    let missed = book.apply(ledger.fact(IncidentMissedFact(incident: "i1", limit: .seconds(1800)), at: 1801))
    #expect(missed.verdicts.map(\.verdict) == [.fail])
    #expect(book.apply(ledger.fact(IncidentWarningFact(incident: "i1", minutes: 25), at: 1802)).verdicts.isEmpty, "nothing new")
    let closed = book.apply(ledger.fact(IncidentClosedFact(incident: "i1", reason: nil), at: 1900))
    #expect(closed.verdicts.count == 1, "the last word when it is closed")
  }

  @Test("after a restart knows what is open, and publishes what is settled once more")
  func recovery() {
    var ledger = Ledger()
    let past = [
      ledger.opened("i1"), ledger.opened("i2"), ledger.fact(IncidentClosedFact(incident: "i1", reason: nil), at: 5),
      ledger.fact(IncidentMissedFact(incident: "i2", limit: .seconds(1800)), at: 1900),
    ]
    var book = IncidentBook()
    book.recover("i1", opened: 1, closed: 3)
    book.recover("i2", opened: 2, closed: nil)
    for fact in past { book.replay(fact, live: []) }
    book.recovered(through: 4)
    #expect(book.ids == ["i1", "i2"] && Set(book.open.keys) == ["i2"])
    #expect(book.throughSequence == 4)
    let outcome = book.apply(ledger.fact(IncidentStepFact(.voice, incident: "i2", device: "kit"), at: 1901))
    #expect(outcome.verdicts.map(\.id) == ["i2"])
  }

  @Test("notices a fact that was passed over, and one that comes twice")
  func order() {
    var ledger = Ledger()
    var book = IncidentBook()
    let (first, second, third) = (ledger.opened("i1"), ledger.opened("i2"), ledger.opened("i3"))
    book.show(second)
    #expect(book.apply(first).isInOrder)
    #expect(!book.apply(third).isInOrder, "the second is in the journal and did not come")
    #expect(!book.apply(third).isInOrder, "twice")
    #expect(!book.apply(second).isInOrder, "late")
    #expect(book.apply(ledger.opened("i4")).isInOrder)
    #expect(book.ids.count == 4)
  }
}

@Suite("The clocks of open incidents")
struct IncidentClocksTests {
  private static let minute: Int64 = 60

  private struct Scene {
    let facts = FactList()
    let index: IncidentIndex
    let clocks: IncidentClocks
    var ledger = Ledger()

    init(boot: String = "b", upper: UpperTier = .none) throws {
      index = IncidentIndex(facts: facts, clock: HandClock(), logger: TwoCentres.logger)
      clocks = IncidentClocks(index, policy: try Policy(TwoCentres.policy), upper: upper, boot: boot)
    }

    func bring(_ fact: Fact) async {
      await index.apply(fact)
      await clocks.apply(fact)
    }

    func tick(_ seconds: Int64) async { await clocks.tick(at: BootTime(nanoseconds: seconds * 1_000_000_000)) }

    /// `kind` and minutes of what was written, without verdicts.
    var written: [String] {
      facts.facts.filter { $0.kind != FactKind.verdict }.map { "\($0.kind) \($0.fields["minutes"]?.intValue ?? 0)" }
    }
  }

  @Test("warn at 20 and 25 minutes and say at 30 that it was missed, each once")
  func warnings() async throws {
    var scene = try Scene()
    await scene.bring(scene.ledger.opened("i1"))
    await scene.tick(19 * Self.minute)
    #expect(scene.written.isEmpty)
    await scene.tick(20 * Self.minute)
    await scene.tick(21 * Self.minute)
    #expect(scene.written == ["incident.warning 20"])
    await scene.tick(26 * Self.minute)
    await scene.tick(30 * Self.minute)
    #expect(scene.written == ["incident.warning 20", "incident.warning 25"], "thirty minutes are in time")
    await scene.tick(31 * Self.minute)
    await scene.tick(32 * Self.minute)
    #expect(scene.written == ["incident.warning 20", "incident.warning 25", "incident.missed 0"])
  }

  @Test("say nothing of a closed incident, and nothing twice after a restart")
  func quiet() async throws {
    var scene = try Scene()
    await scene.bring(scene.ledger.opened("i1"))
    await scene.bring(scene.ledger.fact(IncidentClosedFact(incident: "i1", reason: nil), at: 60))
    await scene.tick(40 * Self.minute)
    #expect(scene.written.isEmpty)
    var again = try Scene()
    let past = [
      again.ledger.opened("i2"), again.ledger.fact(IncidentWarningFact(incident: "i2", minutes: 20), at: 1200),
      again.ledger.fact(IncidentMissedFact(incident: "i2", limit: .seconds(1800)), at: 1801),
    ]
    try await again.index.recover(FactHistory(past))
    try await again.clocks.recover(FactHistory(past))
    await again.tick(40 * Self.minute)
    #expect(again.written == ["incident.warning 25"])
  }

  @Test("of an incident from before a reboot go by the upper node's clock since the beacon in E1, and bridge it once an uplink")
  func reboot() async throws {
    let offset = PeerOffset(peerBoot: "p", low: 4_999_000_000_000, high: 5_000_000_000_000)
    let upper = UpperTier(
      beacons: { [] }, announce: { _, _ in }, withdraw: { _ in }, offsets: { [UpperTier.Offset(uplink: "up", offset: offset)] })
    var scene = try Scene(boot: "after", upper: upper)
    let beacon = OpenedBeacon(
      uplink: "up", peer: "aa", nonce: "b1", arrival: BootTime(nanoseconds: 1), sent: BootTime(nanoseconds: 4_000_000_000_000), boot: "p",
      signature: "55")
    let body = IncidentOpenedFact(
      incident: "i1", title: "t", nonce: "n", receivedAt: nil, external: nil, devices: [],
      policy: EmbeddedRule(RuleReference(id: "p", version: 1, sha256: "s"), body: TwoCentres.policy), beacons: [beacon])
    await scene.bring(scene.ledger.fact(body))
    // 5000 s − 4000 s + what this node's clock shows.
    await scene.tick(199)
    await scene.tick(200)
    #expect(scene.written == ["clock.bridge 0", "incident.warning 20"])
    #expect(
      scene.facts.facts.first?.fields == [
        "incident": "i1", "uplink": "up", "peerBoot": "p", "lowNs": 4_999_000_000_000, "highNs": 5_000_000_000_000,
      ])
  }
}

@Suite("The devices of a centre")
struct DeviceRegisterTests {
  @Test("are found by name, by stream, and for want of paperwork by a stream's path or its last part")
  func resolve() throws {
    let stream = try #require(StreamName("live/solo01"))
    let kit = RegisteredDevice(name: "单兵01", stream: stream, deviceClass: .bodycam)
    let register = DeviceRegister([kit])
    #expect(try register.resolve("单兵01") == kit)
    #expect(try register.resolve("live/solo01") == kit)
    #expect(try register.resolve("cam9").stream.path == "live/cam9")
    #expect(try register.resolve("cam9").deviceClass == .soloKit)
    #expect(try register.resolve("other/cam9").stream.path == "other/cam9")
    for name in ["", "a b", "../x", "a//b"] { #expect(throws: Fault(.deviceUnknown, name)) { try register.resolve(name) } }
  }

  @Test("have ids of incidents that sort by day and name files")
  func ids() {
    let wall = WallTime(nanoseconds: 1_795_000_000_000_000_000)
    let ids = (0..<50).map { _ in IncidentID.make(at: wall) }
    #expect(Set(ids).count > 40)
    #expect(ids.allSatisfy { $0.hasPrefix("20261118-") && $0.utf8.count == 15 })
  }
}

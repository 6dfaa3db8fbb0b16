import FirstFrameTesting
import Foundation
import Hub
import Journal
import Logging
import Measure
import Model
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Command

@Suite("The incident desk")
struct IncidentDeskTests {
  /// A county's desk with its journal, followed as a node follows it.
  private final class Office {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-desk-\(UUID().uuidString)").path
    let journal: Journal
    let projection: Projection
    let hub: Hub
    let desk: IncidentDesk
    private let feed: FactFeed

    init(visible: Bool = true, past: [Fact] = []) async throws {
      let logger = Logger(label: "test")
      journal = try Journal.open(dataFolder: folder, node: "county", identity: .temporary(), version: "test")
      projection = try Projection(following: journal)
      for fact in past { _ = try await journal.commit(fact.kind, fact.fields.filter { !Fact.envelope.contains($0.key) }, at: fact.bootTime) }
      hub = Hub(node: "county", clock: SystemClock(), facts: journal, logger: logger)
      let name = try #require(StreamName("live/solo01"))
      desk = IncidentDesk(
        DeskEnvironment(
          hub: hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: Eyes(visible: visible),
          register: DeviceRegister([RegisteredDevice(name: "单兵01", stream: name, deviceClass: .soloKit)]), dataFolder: folder,
          history: FactHistory(projection, of: journal), logger: logger), policy: try Policy(TwoCentres.policy), upper: .none)
      feed = try await FactFeed(journal, projection, consumers: desk.consumers, clock: SystemClock(), logger: logger)
      feed.start()
    }

    deinit {
      feed.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }

    /// Waits until the desk shows an incident so.
    func settled(_ id: String, _ condition: (IncidentOutput) -> Bool) async throws -> Bool {
      try await TwoCentres.eventually { condition(try await desk.show(id)) }
    }

    func publish(
      key number: UInt64, on publication: Publication?, flags: AccessUnit.Flags = [.key, .clean]
    ) async throws -> Publication {
      let name = try #require(StreamName("live/solo01"))
      let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
      let made: Publication
      if let publication {
        made = publication
      } else {
        made = try await hub.publish(
          PublishRequest(
            name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "t", sharedClock: true,
            loop: MultiThreadedEventLoopGroup.singleton.next(), source: SilentSource())
        ).get()
      }
      let now = SystemClock().bootTime()
      made.post(
        MediaBatch(
          units: [
            AccessUnit(
              id: AccessUnitID(origin: made.origin, epoch: made.epoch, number: number), track: 0,
              pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: now, arrival: now, flags: flags,
              payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65]))
          ], arrival: now))
      return made
    }

    /// The first fact of a kind, as the journal makes it durable.
    func first(_ kind: String, where fits: (Fact) -> Bool = { _ in true }) async -> Fact? {
      for await fact in journal.subscribe(after: 0) where fact.kind == kind && fits(fact) { return fact }
      return nil
    }
  }

  @Test("t1 is durable when the desk answers, and the first key frame after it is t6")
  func open() async throws {
    let office = try await Office()
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    #expect(opened.nonce.utf8.count == 32)
    let facts = Journal.read(dataFolder: office.folder).facts
    #expect(facts.contains { $0.kind == FactKind.incidentOpened && $0["incident"]?.stringValue == opened.id })
    _ = try await office.publish(key: 1, on: nil)
    let decoded = try #require(await office.first(FactKind.pictureDecoded))
    #expect(decoded["device"] == "单兵01")
    // The journal publishes the fact a moment before the desk applies it.
    var shown = try await office.desk.show(opened.id)
    for _ in 0..<1_000_000 where shown.county.seconds == nil {
      await Task.yield()
      shown = try await office.desk.show(opened.id)
    }
    #expect((shown.county.seconds ?? -1) > 0)
    #expect(Set(shown.steps.map(\.id)).isSuperset(of: [.t1, .t2, .t6]))
  }

  @Test("a stream that was live before t1 counts only with a frame received after it")
  func preopened() async throws {
    let office = try await Office()
    let publication = try await office.publish(key: 1, on: nil)
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    let refused = try #require(await office.first(FactKind.pictureRefused))
    #expect(refused["reason"] == "beforeReceived")
    #expect(try await office.desk.show(opened.id).county.seconds == nil)
    _ = try await office.publish(key: 2, on: publication)
    let decoded = try #require(await office.first(FactKind.pictureDecoded))
    #expect(decoded["unit"]?.stringValue?.hasSuffix("#2") == true)
  }

  @Test("a black picture is no first picture")
  func black() async throws {
    let office = try await Office(visible: false)
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["live/solo01"]))
    _ = try await office.publish(key: 1, on: nil)
    let refused = try #require(await office.first(FactKind.pictureRefused))
    #expect(refused["reason"] == "black")
    #expect(try await office.desk.show(opened.id).county.seconds == nil)
  }

  @Test("the other system's id opens one incident only, and a closed one takes no more steps")
  func externalAndClose() async throws {
    let office = try await Office()
    let first = try await office.desk.open(OpenRequest(title: "a", devices: [], external: "110-7"))
    let again = try await office.desk.open(OpenRequest(title: "b", devices: [], external: "110-7"))
    #expect(first.id == again.id)
    _ = try await office.desk.close(first.id, reason: nil)
    await #expect(throws: Fault(.incidentClosed, first.id)) { try await office.desk.close(first.id, reason: nil) }
    await #expect(throws: Fault(.incidentUnknown, "nobody")) { try await office.desk.show("nobody") }
    await #expect(throws: Fault.self) { try await office.desk.open(OpenRequest(title: "", devices: [])) }
    let verdict = try #require(await office.first(FactKind.verdict))
    #expect(verdict["incident"]?.stringValue == first.id)
  }

  @Test("twenty that ask for one incident of another system at once get the same one")
  func externalAtOnce() async throws {
    let office = try await Office()
    let desk = office.desk
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await desk.open(OpenRequest(title: "a", devices: ["单兵01"], external: "110-8")).id } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try await office.desk.list(before: nil, limit: 50).incidents.map(\.id) == Array(ids))
  }

  @Test("t1 is when the request was read, whatever came between")
  func readAt() async throws {
    let office = try await Office()
    let read = SystemClock().bootTime() - .seconds(3)
    let opened = try await office.desk.open(OpenRequest(title: "a", devices: [], readAt: read))
    #expect(opened.steps.first { $0.id == .t1 }?.bootNs == read.nanoseconds)
  }

  @Test("a list comes in pages, the newest first; the first has what is open besides, and a closed one is made again from the facts of its time")
  func pages() async throws {
    let office = try await Office()
    var ids: [String] = []
    for number in 0..<7 { ids.append(try await office.desk.open(OpenRequest(title: "\(number)", devices: ["单兵01"])).id) }
    for id in ids where id != ids[1] { _ = try await office.desk.close(id, reason: nil) }
    let first = try await office.desk.list(before: nil, limit: 3)
    #expect(first.incidents.map(\.id) == [ids[6], ids[5], ids[4], ids[1]] && first.next == ids[4])
    let second = try await office.desk.list(before: first.next, limit: 3)
    #expect(second.incidents.map(\.id) == [ids[3], ids[2], ids[1]] && second.next == ids[1])
    let last = try await office.desk.list(before: second.next, limit: 3)
    #expect(last.incidents.map(\.id) == [ids[0]] && last.next == nil)
    await #expect(throws: Fault(.incidentUnknown, "nobody")) { try await office.desk.list(before: "nobody", limit: 3) }
    // A node that starts on this folder has none of them in memory.
    let other = try await Office(past: Journal.read(dataFolder: office.folder).facts)
    let facts = Journal.read(dataFolder: other.folder).facts
    for id in ids where id != ids[1] {
      #expect(try await other.desk.show(id) == IncidentOutput(try #require(IncidentFigures.compute(id, from: facts))))
    }
  }

  @Test(
    "what the disk refuses is answered with the refusal and can be done again; a picture that could not be written is written later, with its time")
  func refusedByDisk() async throws {
    let facts = RefusingFacts()
    let desk = try RefusingFacts.desk(facts)
    facts.refuses(["incident.opened"])
    await #expect(throws: Fault(.diskFull, "test")) { try await desk.open(OpenRequest(title: "a", devices: [], external: "110-9")) }
    facts.refuses([])
    let opened = try await desk.open(OpenRequest(title: "a", devices: ["单兵01"], external: "110-9"))
    facts.refuses(["incident.closed", "incident.onScene"])
    await #expect(throws: Fault(.diskFull, "test")) { try await desk.note("onScene", incident: opened.id, device: "单兵01") }
    await #expect(throws: Fault(.diskFull, "test")) { try await desk.close(opened.id, reason: nil) }
    #expect(try await desk.show(opened.id).closed == false)
    facts.refuses([])
    _ = try await desk.note("onScene", incident: opened.id, device: "单兵01")
    #expect(try await desk.close(opened.id, reason: nil).closed)
    let index = IncidentIndex(facts: facts, clock: HandClock(), logger: TwoCentres.logger)
    facts.refuses(["incident.missed"])
    let at = BootTime(nanoseconds: 77)
    await index.commitOrRecord(IncidentMissedFact(incident: opened.id, limit: .seconds(1800)), at: at)
    #expect(facts.list.facts.last?.kind == FactKind.incidentMissed && facts.list.facts.last?.bootTime == at)
  }

  @Test("a backfilled frame is refused by its name, and starts no clock of the crew")
  func backfilled() async throws {
    let office = try await Office()
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    let publication = try await office.publish(key: 1, on: nil, flags: [.key, .clean, .backfill])
    let refused = try #require(await office.first(FactKind.pictureRefused))
    #expect(refused["reason"] == "backfilled")
    #expect(try await office.desk.show(opened.id).county.seconds == nil)
    _ = try await office.publish(key: 2, on: publication)
    let decoded = try #require(await office.first(FactKind.pictureDecoded))
    #expect(decoded["unit"]?.stringValue?.hasSuffix("#2") == true)
    #expect(try await office.settled(opened.id) { $0.refusals.map(\.reason) == ["backfilled"] && $0.county.seconds != nil })
  }

  @Test("a stream that was live before t1 is called preopened in the figures, and t5 and t5k are those of frames after t1")
  func preopenedByName() async throws {
    let office = try await Office()
    let publication = try await office.publish(key: 1, on: nil)
    #expect(await office.first(FactKind.streamStarted) != nil)
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    #expect(try await office.settled(opened.id) { $0.devices.map(\.preopened) == [true] })
    #expect(await office.first(FactKind.pictureRefused)?["reason"] == "beforeReceived")
    _ = try await office.publish(key: 2, on: publication, flags: [.key, .clean, .backfill])
    _ = try await office.publish(key: 3, on: publication)
    let packet = try #require(await office.first(FactKind.streamFirstPacket) { $0["incident"] != nil })
    #expect(packet["unit"]?.stringValue?.hasSuffix("#3") == true)
    #expect(try await office.settled(opened.id) { $0.county.unit?.hasSuffix("#3") == true && $0.devices.map(\.preopened) == [true] })
  }

  @Test("what a browser presented is recorded once a viewer, as an event of its own, and for running incidents' devices only")
  func shown() async throws {
    let office = try await Office()
    let opened = try await office.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    func picture(_ device: String, _ viewer: String, _ what: ShownPicture.What = .snapshot) throws -> PresentedPicture {
      try PresentedPicture(device: device, what: what, viewer: viewer, age: .milliseconds(40), received: SystemClock().bootTime())
    }
    for _ in 0..<3 { _ = try await office.desk.shown(picture("单兵01", "screen-one"), incident: opened.id) }
    _ = try await office.desk.shown(picture("单兵01", "screen-two"), incident: opened.id)
    let shown = try await office.desk.shown(picture("单兵01", "screen-one", .video), incident: opened.id)
    #expect(shown.shown.map(\.viewer) == ["screen-one", "screen-two", "screen-one"])
    #expect(shown.shown.map(\.what) == [.snapshot, .snapshot, .video])
    #expect(shown.shown.allSatisfy { ($0.sinceSeconds ?? -1) > 0 && $0.ageSeconds == 0.04 })
    // Never t6, nor any step.
    #expect(shown.county.seconds == nil)
    #expect(Set(shown.steps.map(\.id)) == [.t1, .t2])
    await #expect(throws: Fault(.deviceUnknown, "nobody")) {
      try await office.desk.shown(picture("nobody", "screen-one"), incident: opened.id)
    }
    #expect(throws: Fault.self) { try picture("单兵01", "../../etc") }
    _ = try await office.desk.close(opened.id, reason: nil)
    await #expect(throws: Fault(.incidentClosed, opened.id)) {
      try await office.desk.shown(picture("单兵01", "screen-two", .video), incident: opened.id)
    }
  }

  @Test("a restarted node goes on with the incidents that are open, and no others")
  func recover() async throws {
    let office = try await Office()
    let open = try await office.desk.open(OpenRequest(title: "open", devices: ["单兵01"]))
    let closed = try await office.desk.open(OpenRequest(title: "closed", devices: []))
    _ = try await office.desk.close(closed.id, reason: nil)
    let other = try await Office(past: Journal.read(dataFolder: office.folder).facts)
    #expect(await other.desk.openClocks().map(\.id) == [open.id])
    #expect(try await other.desk.list(before: nil, limit: 50).incidents.map(\.id) == [closed.id, open.id])
  }
}

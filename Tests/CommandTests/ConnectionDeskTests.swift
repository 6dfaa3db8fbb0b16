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

@Suite("The connection desk")
struct ConnectionDeskTests {
  /// A clock that a test sets forward, so that a minute need not be waited for.
  private final class Clock: NodeClock {
    let bootID = "boot-a"
    private let ahead = Mutex<Int64>(0)
    func bootTime() -> BootTime { SystemClock().bootTime() + Nanoseconds(ahead.withLock { $0 }) }
    func wallTime() -> WallTime { SystemClock().wallTime() }
    func forward(_ span: Nanoseconds) { ahead.withLock { $0 += span.value } }
  }

  private static let policy: JSON = [
    "id": "connection", "version": 1, "title": "联通率", "kind": "connection", "limitNs": 60_000_000_000, "eligibleClasses": ["soloKit"],
    "source": "test",
  ]

  private final class Office {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-connections-\(UUID().uuidString)").path
    let clock = Clock()
    let journal: Journal
    let hub: Hub
    let desk: ConnectionDesk

    init(visible: Bool = true) throws {
      journal = try Journal.open(dataFolder: folder, node: "county", identity: .temporary(), version: "test", clock: clock)
      hub = Hub(node: "county", clock: clock, facts: journal, logger: Logger(label: "test"))
      let name = try #require(StreamName("live/solo01"))
      let device = RegisteredDevice(name: "单兵01", stream: name, deviceClass: .soloKit)
      let policy = try Policy(ConnectionDeskTests.policy)
      ConnectionDesk.embed(policy, sha256: "ab", [(device, "武康街道")], into: journal)
      desk = ConnectionDesk(
        DeskEnvironment(
          hub: hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: Eyes(visible: visible), register: DeviceRegister([device]),
          dataFolder: folder, logger: Logger(label: "test")), policy: policy)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func publish(_ path: String = "live/solo01") async throws {
      let name = try #require(StreamName(path))
      let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
      let made = try await hub.publish(
        PublishRequest(
          name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "t", sharedClock: true,
          loop: MultiThreadedEventLoopGroup.singleton.next(), source: SilentSource())
      ).get()
      let now = clock.bootTime()
      made.post(
        MediaBatch(
          units: [
            AccessUnit(
              id: AccessUnitID(origin: made.origin, epoch: made.epoch, number: 1), track: 0, pts: MediaTime(value: 3600, timescale: 90_000),
              firstArrival: now, arrival: now, flags: [.key, .clean], payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65]))
          ], arrival: now))
    }

    func first(_ kind: String) async -> Fact? {
      for await fact in journal.subscribe(after: 0) where fact.kind == kind { return fact }
      return nil
    }

    /// The rates of what is durable.
    func connection() async -> Rate {
      _ = try? await journal.commit("test.mark", [:])
      let facts = Journal.read(dataFolder: folder).facts
      return RateFigures(facts: facts, incidents: []).connection
    }
  }

  @Test("a device that is asked and shows a picture is a connection, with its town, and its picture is kept")
  func connects() async throws {
    let office = try Office()
    let asked = try await office.desk.request("单兵01", how: "spotCheck")
    #expect(asked["stream"] == "live/solo01")
    try await office.publish()
    let decoded = try #require(await office.first(FactKind.pictureDecoded))
    #expect(decoded["attempt"] == asked["attempt"])
    #expect(decoded["incident"] == nil)
    let rate = await office.connection()
    #expect((rate.counts.numerator, rate.counts.denominator) == (1, 1))
    #expect(rate.json.text.contains("武康街道"))
    let file = "\(office.folder)/snapshots/county-\(asked["attempt"]?.stringValue ?? "")-0.jpg"
    #expect(FileManager.default.fileExists(atPath: file))
  }

  @Test("a minute without a picture is recorded, once, and the rate says that the device was offline")
  func missed() async throws {
    let office = try Office()
    _ = try await office.desk.request("单兵01", how: "rollCall")
    await office.desk.tick(at: office.clock.bootTime())
    office.clock.forward(.seconds(61))
    await office.desk.tick(at: office.clock.bootTime())
    await office.desk.tick(at: office.clock.bootTime())
    let missed = try #require(await office.first(FactKind.connectionMissed))
    #expect(missed["device"] == "单兵01")
    let rate = await office.connection()
    #expect((rate.counts.numerator, rate.counts.denominator) == (0, 1))
    #expect(rate.failureReasons.map(\.reason) == ["offline"])
    #expect(Journal.read(dataFolder: office.folder).facts.filter { $0.kind == FactKind.connectionMissed }.count == 1)
  }

  @Test("a call-out of an incident is watched too; one whose incident is closed or whose picture came is not recorded as missed")
  func callOuts() async throws {
    let office = try Office()
    for incident in ["i1", "i2", "i3"] {
      await office.desk.apply(
        try await office.journal.commit(FactKind.incidentCalledOut, ["incident": .string(incident), "device": "单兵01"]))
    }
    await office.desk.apply(try await office.journal.commit(FactKind.incidentClosed, ["incident": "i2"]))
    await office.desk.apply(
      try await office.journal.commit(FactKind.pictureDecoded, ["incident": "i3", "device": "单兵01", "visible": true]))
    office.clock.forward(.seconds(61))
    await office.desk.tick(at: office.clock.bootTime())
    let missed = try #require(await office.first(FactKind.connectionMissed))
    #expect(missed["incident"] == "i1")
    #expect(Journal.read(dataFolder: office.folder).facts.filter { $0.kind == FactKind.connectionMissed }.count == 1)
  }

  @Test("a restarted desk goes on with the requests of this boot")
  func restart() async throws {
    let office = try Office()
    _ = try await office.desk.request("单兵01", how: "probe")
    let again = ConnectionDesk(
      DeskEnvironment(
        hub: office.hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: Eyes(visible: true), register: DeviceRegister([]),
        dataFolder: office.folder, logger: Logger(label: "test")), policy: try Policy(ConnectionDeskTests.policy))
    try await again.recover(FactHistory(Journal.read(dataFolder: office.folder).facts))
    office.clock.forward(.seconds(61))
    await again.tick(at: office.clock.bootTime())
    #expect(await office.first(FactKind.connectionMissed)?["device"] == "单兵01")
  }

  @Test("an exclusion names what, why and who; the person's name is in no fact")
  func exclusions() async throws {
    let office = try Office()
    let fact = try await office.desk.exclude(ExclusionRequest(rate: "thirtyMinute", incident: "i1", reason: "演练取消", approver: "张三"))
    #expect(fact["reason"] == "演练取消")
    let commitment = try #require(Commitment(fact["by"]))
    #expect(try await PrivateStore(dataFolder: office.folder).reveal(commitment) == "张三")
    #expect(!JSON.object(fact.fields).text.contains("张三"))
    let wrong = [
      ExclusionRequest(rate: "thirtyMinute", reason: "x", approver: "y"),
      ExclusionRequest(rate: "connection", incident: "i1", reason: "x", approver: "y"),
      ExclusionRequest(rate: "quality", incident: "i1", reason: "x", approver: "y"),
      ExclusionRequest(rate: "thirtyMinute", incident: "i1", reason: "", approver: "y"),
      ExclusionRequest(rate: "thirtyMinute", incident: "i1", reason: "x", approver: ""),
      ExclusionRequest(rate: "all", incident: "i1", reason: "x", approver: "y"),
    ]
    for request in wrong { await #expect(throws: Fault.self) { try await office.desk.exclude(request) } }
    await #expect(throws: Fault.self) { try await office.desk.request("a b", how: "spotCheck") }
    await #expect(throws: Fault.self) { try await office.desk.request("单兵01", how: "nicely") }
  }

  @Test("a device that nobody registered is refused and not counted, unless its stream is here")
  func unknownDevice() async throws {
    let office = try Office()
    let fault = await #expect(throws: Fault.self) { try await office.desk.request("NOSUCHDEVICE", how: "spotCheck") }
    #expect(fault?.code == .deviceUnknown)
    #expect(await office.connection().counts.denominator == 0)
    #expect(Journal.read(dataFolder: office.folder).facts.allSatisfy { $0.kind != FactKind.connectionRequested })
    _ = try await office.desk.request("live/solo01", how: "spotCheck")
    try await office.publish("live/guest")
    #expect(try await office.desk.request("guest", how: "spotCheck")["stream"] == "live/guest")
  }
}

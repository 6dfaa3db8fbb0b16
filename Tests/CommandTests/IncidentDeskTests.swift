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

/// A decoder that sees what the test wants it to.
private struct Eyes: PictureDecoder {
  var visible = true
  func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture {
    DecodedPicture(
      width: 1280, height: 720, jpeg: ByteBuffer(bytes: [1]), jpegSHA256: String(repeating: "1", count: 64),
      vclSHA256: Hex.encode([UInt8(truncatingIfNeeded: unit.id.number)]), visible: visible, dark: false, lumaMeanMilli: 300)
  }
}

private final class Source: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}

@Suite("The incident desk")
struct IncidentDeskTests {
  private static let policy: JSON = [
    "id": "thirty-minute", "version": 1, "title": "t", "kind": "response", "limitNs": 1_800_000_000_000, "warningsAtMinutes": [20, 25],
    "eligibleClasses": ["soloKit"], "acceptedGrades": ["decoded"],
    "sources": ["limitNs": "x", "warningsAtMinutes": "x", "eligibleClasses": "x", "acceptedGrades": "x", "secondPictureWithinNs": "x"],
  ]

  private final class House {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-desk-\(UUID().uuidString)").path
    let journal: Journal
    let hub: Hub
    let desk: IncidentDesk
    let announced = Mutex<[String]>([])
    private let feed: Task<Void, Never>

    init(visible: Bool = true) throws {
      journal = try Journal.open(dataFolder: folder, node: "county", identity: .temporary(), version: "test")
      hub = Hub(node: "county", clock: SystemClock(), facts: journal, logger: Logger(label: "test"))
      let name = try #require(StreamName("live/solo01"))
      let register = DeviceRegister([
        RegisteredDevice(name: "单兵01", stream: name, deviceClass: .soloKit)
      ])
      desk = IncidentDesk(
        IncidentDesk.Environment(
          hub: hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: Eyes(visible: visible), register: register,
          policy: try Policy(IncidentDeskTests.policy), upper: .none, dataFolder: folder, logger: Logger(label: "test")))
      let facts = journal.subscribe()
      let desk = desk
      feed = Task { for await fact in facts { await desk.take(fact) } }
    }

    deinit {
      feed.cancel()
      try? FileManager.default.removeItem(atPath: folder)
    }

    func publish(key number: UInt64, on publication: Publication?) async throws -> Publication {
      let name = try #require(StreamName("live/solo01"))
      let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
      let made: Publication
      if let publication {
        made = publication
      } else {
        made = try await hub.publish(
          PublishRequest(
            name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "t", sharedClock: true,
            loop: MultiThreadedEventLoopGroup.singleton.next(), source: Source())
        ).get()
      }
      let now = SystemClock().bootTime()
      made.post(
        MediaBatch(
          units: [
            AccessUnit(
              id: AccessUnitID(origin: made.origin, epoch: made.epoch, number: number), track: 0,
              pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: now, arrival: now, flags: [.key, .clean],
              payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65]))
          ], arrival: now))
      return made
    }

    /// The first fact of a kind, as the journal makes it durable.
    func first(_ kind: String) async -> Fact? {
      for await fact in journal.subscribe(after: 0) where fact.kind == kind { return fact }
      return nil
    }
  }

  @Test("t1 is durable when the desk answers, and the first key frame after it is t6")
  func open() async throws {
    let house = try House()
    let opened = try await house.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    #expect(opened.nonce.utf8.count == 32)
    let facts = Journal.read(dataFolder: house.folder).facts
    #expect(facts.contains { $0.kind == FactKind.incidentOpened && $0["incident"]?.stringValue == opened.id })
    _ = try await house.publish(key: 1, on: nil)
    let decoded = try #require(await house.first(FactKind.pictureDecoded))
    #expect(decoded["device"] == "单兵01")
    // The journal tells the fact a moment before the desk has taken it.
    var shown = try await house.desk.show(opened.id)
    for _ in 0..<1_000_000 where shown.county.seconds == nil {
      await Task.yield()
      shown = try await house.desk.show(opened.id)
    }
    #expect((shown.county.seconds ?? -1) > 0)
    #expect(Set(shown.steps.map(\.id)).isSuperset(of: [.t1, .t2, .t6]))
  }

  @Test("a stream that was live before t1 counts only with a frame received after it")
  func preopened() async throws {
    let house = try House()
    let publication = try await house.publish(key: 1, on: nil)
    let opened = try await house.desk.open(OpenRequest(title: "演练", devices: ["单兵01"]))
    let refused = try #require(await house.first(FactKind.pictureRefused))
    #expect(refused["reason"] == "beforeReceived")
    #expect(try await house.desk.show(opened.id).county.seconds == nil)
    _ = try await house.publish(key: 2, on: publication)
    let decoded = try #require(await house.first(FactKind.pictureDecoded))
    #expect(decoded["unit"]?.stringValue?.hasSuffix("#2") == true)
  }

  @Test("a black picture is no first picture")
  func black() async throws {
    let house = try House(visible: false)
    let opened = try await house.desk.open(OpenRequest(title: "演练", devices: ["live/solo01"]))
    _ = try await house.publish(key: 1, on: nil)
    let refused = try #require(await house.first(FactKind.pictureRefused))
    #expect(refused["reason"] == "black")
    #expect(try await house.desk.show(opened.id).county.seconds == nil)
  }

  @Test("the other system's id opens one incident only, and a closed one takes no more steps")
  func externalAndClose() async throws {
    let house = try House()
    let first = try await house.desk.open(OpenRequest(title: "a", devices: [], external: "110-7"))
    let again = try await house.desk.open(OpenRequest(title: "b", devices: [], external: "110-7"))
    #expect(first.id == again.id)
    _ = try await house.desk.close(first.id, reason: nil)
    await #expect(throws: Fault(.incidentClosed, first.id)) { try await house.desk.close(first.id, reason: nil) }
    await #expect(throws: Fault(.incidentUnknown, "nobody")) { try await house.desk.show("nobody") }
    await #expect(throws: Fault.self) { try await house.desk.open(OpenRequest(title: "", devices: [])) }
    let verdict = try #require(await house.first(FactKind.verdict))
    #expect(verdict["incident"]?.stringValue == first.id)
  }

  @Test("a restarted node goes on with the incidents that are open, and no others")
  func recover() async throws {
    let house = try House()
    let open = try await house.desk.open(OpenRequest(title: "open", devices: ["单兵01"]))
    let closed = try await house.desk.open(OpenRequest(title: "closed", devices: []))
    _ = try await house.desk.close(closed.id, reason: nil)
    let facts = Journal.read(dataFolder: house.folder).facts
    let other = try House()
    await other.desk.recover(from: facts)
    #expect(await other.desk.openClocks().map(\.id) == [open.id])
    #expect(await other.desk.list().map(\.id) == [closed.id, open.id])
  }
}

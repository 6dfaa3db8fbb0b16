import Foundation
import Hub
import Journal
import Logging
import Measure
import Model
import NIOCore
import NIOPosix
import Synchronization

@testable import Cascade
@testable import Command

/// A county and a province in one process: the real desks, links, journals and receipts, with media handed over directly. Each has a clock of its own.
enum TwoCentres {
  static let policy: JSON = [
    "id": "thirty-minute", "version": 1, "title": "t", "kind": "response", "limitNs": 1_800_000_000_000, "warningsAtMinutes": [20, 25],
    "eligibleClasses": ["soloKit"], "acceptedGrades": ["decoded"],
    "sources": ["limitNs": "x", "warningsAtMinutes": "x", "eligibleClasses": "x", "acceptedGrades": "x", "secondPictureWithinNs": "x"],
  ]
  static let group = MultiThreadedEventLoopGroup.singleton
  static let logger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }()

  static func folder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-centres-\(UUID().uuidString)").path
  }

  /// Asks until it is so; false after a minute.
  static func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      if try await condition() { return true }
      try await Task.sleep(for: .milliseconds(5))
    }
    return false
  }
}

/// Real time with a zero, a wall and a boot of its own.
final class OwnClock: NodeClock {
  let bootID: String
  private let ahead: Mutex<Int64>
  private let wallAhead = Mutex<Int64>(0)

  init(boot: String, ahead: Int64) {
    bootID = boot
    self.ahead = Mutex(ahead)
  }

  /// Goes forward at once: what stands still meanwhile is every other clock.
  func advance(_ nanoseconds: Int64) { ahead.withLock { $0 += nanoseconds } }
  func stepWall(_ nanoseconds: Int64) { wallAhead.withLock { $0 += nanoseconds } }
  func bootTime() -> BootTime { BootTime(nanoseconds: SystemClock().bootTime().nanoseconds + ahead.withLock { $0 }) }
  func wallTime() -> WallTime { WallTime(nanoseconds: SystemClock().wallTime().nanoseconds + wallAhead.withLock { $0 }) }
}

/// A decoder that sees what the test wants it to.
struct Eyes: PictureDecoder {
  var visible = true
  func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture {
    DecodedPicture(
      width: 1280, height: 720, jpeg: ByteBuffer(bytes: [1]), jpegSHA256: String(repeating: "1", count: 64),
      vclSHA256: Hex.encode([UInt8(truncatingIfNeeded: unit.id.number)]), visible: visible, dark: false, lumaMeanMilli: 300)
  }
}

final class SilentSource: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}

/// Folder, clock, journal, identity and hub of one node.
final class NodeParts: Sendable {
  let folder: String
  let clock: OwnClock
  let identity: NodeIdentity
  let journal: Journal
  let projection: Projection
  let hub: Hub

  init(_ node: String, folder: String, clock: OwnClock) throws {
    self.folder = folder
    self.clock = clock
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    identity = try NodeIdentity.load(dataFolder: folder)
    journal = try Journal.open(dataFolder: folder, node: node, identity: identity, version: "test", clock: clock)
    projection = try Projection(following: journal)
    hub = Hub(node: node, clock: clock, facts: journal, logger: TwoCentres.logger)
  }

  func stop() async {
    await journal.close()
    await projection.close()
  }

  var facts: [Fact] { Journal.read(dataFolder: folder).facts }

  func facts(_ kind: String) -> [Fact] { facts.filter { $0.kind == kind } }

  /// Publishes one key unit; a nil publication begins a stream.
  func publish(
    _ number: UInt64, of path: String, on publication: Publication?, flags: AccessUnit.Flags = [.key, .clean], origin: UnitOrigin? = nil,
    epoch: UInt64? = nil
  ) async throws -> Publication {
    let made: Publication
    if let publication {
      made = publication
    } else {
      guard let name = StreamName(path) else { throw Fault(.streamNameInvalid, path) }
      let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
      made = try await hub.publish(
        PublishRequest(
          name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "t", origin: origin, sharedClock: true,
          loop: TwoCentres.group.next(), source: SilentSource())
      ).get()
    }
    let now = clock.bootTime()
    made.post(
      MediaBatch(
        units: [
          AccessUnit(
            id: AccessUnitID(origin: made.origin, epoch: epoch ?? made.epoch, number: number), track: 0,
            pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: now, arrival: now, flags: flags,
            payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65, UInt8(truncatingIfNeeded: number)]))
        ], arrival: now))
    return made
  }
}

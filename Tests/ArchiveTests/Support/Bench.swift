import FirstFrameTesting
import Foundation
import Hub
import Journal
import Logging
import Model
import NIOCore
import NIOPosix
import Pipelines

@testable import Archive

/// A data folder with hub and archive on a clock of the test's own; batches are handed over when the test says so.
final class Bench: Sendable {
  static let name = StreamName("live/cam1")!
  static let id = ArchiveFiles.id(of: name)

  let folder: String
  let data: String
  let clock: ManualClock
  let facts = FactList()
  let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let store: any SegmentStore
  let settings: ArchiveSettings
  let identity: NodeIdentity
  let makeTap: TapMaker

  init(
    folder: String? = nil, data: String? = nil, boot: String = "boot-1", at time: BootTime? = nil, store: RefusingStore? = nil,
    makeTap: TapMaker? = nil, settings change: (inout ArchiveSettings) -> Void = { _ in }
  ) throws {
    self.folder = try folder ?? Bench.temporary()
    self.data = data ?? self.folder + "/data"
    clock = ManualClock(boot: boot)
    if let time { clock.move(to: time) }
    let kept = DiskSegmentStore(folder: self.data + "/archive")
    store?.stand(before: kept)
    self.store = store ?? kept
    var settings = ArchiveSettings()
    settings.batchInterval = .seconds(3600)
    settings.segmentDuration = .seconds(2)
    settings.spoolFileBytes = 64 << 10
    settings.reservePermille = 0
    settings.warnPermille = 0
    change(&settings)
    self.settings = settings
    identity = try NodeIdentity.load(dataFolder: self.data)
    self.makeTap = try makeTap ?? Archive.matroska(PipelineLibrary.locate())
  }

  var loop: any EventLoop { loops.next() }

  static func temporary() throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("archive-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }

  func remove() async {
    try? await loops.shutdownGracefully()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func open() throws -> (Archive, Hub) {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let context = ArchiveContext(
      settings: settings, dataFolder: data, node: "county", clock: clock, facts: facts, store: store, makeTap: makeTap, logger: logger)
    let archive = try Archive(context, identity: identity, loops: loops)
    archive.prepareSpool()
    let hub = Hub(node: "county", clock: clock, facts: facts, logger: logger)
    archive.record(from: hub)
    return (archive, hub)
  }

  func publish(_ tracks: [Track], on hub: Hub, name: StreamName = Bench.name) async throws -> Publication {
    try await hub.publish(
      PublishRequest(
        name: name, tracks: tracks, mediaProtocol: .rtspTCP, remoteAddress: "127.0.0.1:1", sharedClock: true, loop: loops.next(),
        source: StubSource())
    ).get()
  }

  /// Posts units one batch each, the clock moving with them.
  func post(_ units: some Sequence<AccessUnit>, to publication: Publication, delayed: Nanoseconds = .zero) async throws {
    for unit in units {
      var late = unit
      late.firstArrival = unit.firstArrival + delayed
      late.arrival = unit.arrival + delayed
      clock.move(to: late.arrival)
      publication.post(MediaBatch(units: [late], arrival: late.arrival))
    }
    try await loops.next().submit {}.get()
  }

  var archiveFolder: String { data + "/archive" }
  func files(_ below: String = Bench.id) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: archiveFolder + "/" + below)) ?? []).sorted()
  }
  var spoolFiles: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: data + "/spool")) ?? []).sorted() }

  func paths(_ archive: Archive, _ name: StreamName = Bench.name) async throws -> [String] {
    try await archive.segments(of: name).map { archive.path(of: $0) }
  }

  /// `firstframe archive check`'s verdict.
  func check() async -> ArchiveReport {
    let data = data
    return await withCheckedContinuation { continuation in
      DispatchQueue(label: "check").async { continuation.resume(returning: ArchiveCheck.check(dataFolder: data)) }
    }
  }
}

import Foundation
import Hub
import Journal
import Logging
import Model
import NIOCore
import NIOPosix
import Pipelines

@testable import Archive

/// A small data folder with one of everything: keys, journal, index, samples, an archive of acknowledged segments, and what a killed relay leaves.
///
/// `Corpora/data-0.1.tar.gz` was made by this code at version 0.1 (2026-11, commit 1233d4c) and never again: whatever this program becomes, it must open that.
enum SampleDataFolder {
  static let name = Bench.name
  static let boot = "b0071d00-0000-4000-8000-000000000001"

  /// Records ten seconds and stops cleanly; then seven more, and dies in the middle of a segment.
  static func make(at folder: String) async throws {
    let clock = ManualClock(boot: boot)
    try await run(folder, clock, from: 0, seconds: 10, dies: false)
    clock.move(to: clock.bootTime() + .seconds(5))
    try await run(folder, clock, from: 15, seconds: 7, dies: true)
  }

  private static func run(_ folder: String, _ clock: ManualClock, from first: Int, seconds: Int, dies: Bool) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let identity = try NodeIdentity.load(dataFolder: folder)
    let journal = try Journal.open(
      dataFolder: folder, node: "county", identity: identity, version: "0.1", started: ["role": "county"], clock: clock, logger: logger)
    let projection = try Projection(following: journal, logger: logger)
    let samples = try SampleWriter(dataFolder: folder, facts: journal, clock: clock, logger: logger)
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var settings = ArchiveSettings()
    settings.batchInterval = .seconds(3600)
    settings.segmentDuration = .seconds(4)
    settings.spoolFileBytes = 64 << 10
    (settings.reservePermille, settings.warnPermille) = (0, 0)
    let archive = try Archive.open(
      dataFolder: folder, node: "county", settings: settings, identity: identity, clock: clock, facts: journal, loops: loops,
      makeTap: Archive.matroska(PipelineLibrary.locate()), logger: logger)
    archive.prepareSpool()
    let hub = Hub(node: "county", clock: clock, facts: journal, logger: logger)
    archive.record(from: hub)
    let publication = try await hub.publish(
      PublishRequest(
        name: name, tracks: SmallClip.tracks, mediaProtocol: .rtspTCP, remoteAddress: "127.0.0.1:1", sharedClock: true,
        loop: loops.next(), source: StubSource())
    ).get()
    let session = samples.begin(header(publication.session, clock))
    for second in 0..<seconds {
      let units = SmallClip.units(name, seconds: 1, from: first + second)
      try await post(units, to: publication, clock, loops)
      // The last second of a killed relay is in its spool alone.
      if !dies || second < seconds - 1 { await archive.flush() }
      session.append(units.map { .frame(FrameSample($0, packets: 1)) } + [.second(counters(after: second + 1, at: clock.bootTime()))])
    }
    if dies { await archive.abandon() } else { await archive.close() }
    session.close()
    await samples.close()
    await journal.close()
    await projection.close()
    try await loops.shutdownGracefully()
  }

  private static func post(
    _ units: [AccessUnit], to publication: Publication, _ clock: ManualClock, _ loops: MultiThreadedEventLoopGroup
  ) async throws {
    for unit in units {
      clock.move(to: unit.arrival)
      publication.post(MediaBatch(units: [unit], arrival: unit.arrival))
    }
    try await loops.next().submit {}.get()
  }

  private static func header(_ session: String, _ clock: ManualClock) -> SampleHeader {
    SampleHeader(
      node: "county", boot: boot, stream: name, session: session, hop: .device, mediaProtocol: .rtspTCP, epoch: 7, started: clock.bootTime(),
      startedWall: clock.wallTime(), tracks: [SampleTrack(SmallClip.video), SampleTrack(SmallClip.audio)])
  }

  private static func counters(after seconds: Int, at time: BootTime) -> SecondSample {
    let tracks = [(0 as UInt8, 25), (1, 10)].map { index, perSecond in
      var track = TrackCounters(track: index)
      track.packetsExpected = Int64(seconds * perSecond)
      track.packetsReceived = Int64(seconds * perSecond)
      track.bytesReceived = Int64(seconds * perSecond * 30)
      return track
    }
    return SecondSample(at: time, tracks: tracks, observer: ObserverSample(probeLagP99Ns: 120_000, readings: 35))
  }
}

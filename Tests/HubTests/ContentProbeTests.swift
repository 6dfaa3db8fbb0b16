import FirstFrameTesting
import Logging
import Measure
import Model
import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Hub

/// A decoder that knows the film by the units' numbers, and lets a test wait until it has answered.
private final class FilmDecoder: ContentDecoder {
  let film: Film
  let looked = Mutex<[Int]>([])
  let isBroken = Mutex(false)
  init(_ film: Film) { self.film = film }

  func look(at units: [AccessUnit], of track: Track) async throws -> DecodedLooks {
    looked.withLock { $0.append(units.count) }
    if isBroken.withLock({ $0 }) { throw Fault(.workerBusy) }
    let looks = units.enumerated().map { film.look(Int($1.id.number) - 1, position: $0) }
    return DecodedLooks(looks: looks, cost: .milliseconds(1))
  }

  func listen(to units: [AccessUnit], of track: Track, preroll: Int) async throws -> DecodedSound { throw Fault(.decodeFailed) }
}

private final class Told: PublicationSource {
  let events = Mutex<[SampleEvent]>([])
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
  func probed(_ events: [SampleEvent]) { self.events.withLock { $0 += events } }
}

private struct FixedClock: NodeClock {
  let bootID = "test"
  func bootTime() -> BootTime { BootTime(nanoseconds: 99_000_000_000) }
  func wallTime() -> WallTime { WallTime(nanoseconds: 1_700_000_000_000_000_000) }
}

@Suite("The probe on a live stream", .timeLimit(.minutes(1)))
struct ContentProbeTests {
  private let loop = NIOAsyncTestingEventLoop()
  private let source = Told()

  private func unit(_ publication: Publication, _ frame: Int, gop: Int, flags: AccessUnit.Flags = []) -> AccessUnit {
    AccessUnit(
      id: AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: UInt64(frame + 1)), track: 0,
      pts: MediaTime(value: Int64(frame) * 3600, timescale: 90_000), firstArrival: Film.at(frame), arrival: Film.at(frame),
      flags: frame % gop == 0 ? flags.union([.key, .clean]) : flags.union([.clean]), payload: ByteBuffer(repeating: 1, count: 500))
  }

  private func publish(_ decoder: FilmDecoder, _ change: (inout ContentSettings) -> Void = { _ in }) async throws -> Publication {
    let hub = Hub(node: "county", clock: FixedClock(), facts: FactList(), logger: Logger(label: "test"))
    var settings = ContentSettings()
    settings.millisecondsPerSecond = 100
    change(&settings)
    hub.watch(ContentProbes(hub: hub, decoder: decoder, loops: loop, settings: settings))
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
    let source = source
    let loop = loop
    return try await loop.executeInContext {
      hub.publish(
        PublishRequest(
          name: testName, tracks: [track], mediaProtocol: .rtspTCP, remoteAddress: "127.0.0.1:1", sharedClock: true, loop: loop, source: source))
    }.get()
  }

  /// Posts frames one by one; after each key frame waits until the decoder was asked so often as it will be.
  private func play(_ film: Film, gop: Int, by publication: Publication, decoder: FilmDecoder) async throws {
    for frame in film.shows.indices {
      let unit = unit(publication, frame, gop: gop)
      let before = events(.look)
      try await loop.executeInContext { publication.post(MediaBatch(units: [unit], arrival: unit.arrival)) }
      guard frame % gop == 0 else { continue }
      while events(.look) == before {
        await loop.run()
        await Task.yield()
      }
    }
  }

  private func events(_ kind: SampleEvent.Kind) -> Int { source.events.withLock { $0.count { $0.kind == kind } } }

  @Test("reports to the session where black begins and ends, to the frame, and decodes only what it must")
  func black() async throws {
    var shows = (0..<500).map { $0 + 1 }
    for frame in 163..<289 { shows[frame] = 0 }
    let film = Film(shows: shows)
    let decoder = FilmDecoder(film)
    let publication = try await publish(decoder)
    try await play(film, gop: 50, by: publication, decoder: decoder)
    var reported = ReportedSpans()
    reported.add(source.events.withLock { $0 })
    #expect(reported.black.map(\.from) == [Film.at(163)])
    #expect(reported.black.map(\.to) == [Film.at(289)])
    #expect(decoder.looked.withLock { $0.count { $0 == 50 } } == 2)
    #expect(decoder.looked.withLock { $0.count { $0 == 1 } } == 10)
    await loop.shutdownGracefully()
  }

  @Test("looks at no key frame sooner than the interval, at no damaged and at no backfilled one")
  func spare() async throws {
    let film = Film(shows: (0..<400).map { $0 + 1 })
    let decoder = FilmDecoder(film)
    let publication = try await publish(decoder) { $0.lookInterval = .seconds(4) }
    for frame in film.shows.indices {
      let flags: AccessUnit.Flags = frame < 100 ? .damaged : frame < 200 ? .backfill : []
      let unit = unit(publication, frame, gop: 25, flags: flags)
      try await loop.executeInContext { publication.post(MediaBatch(units: [unit], arrival: unit.arrival)) }
      let due = frame == 200 ? 1 : frame == 300 ? 2 : 0
      while events(.look) < due {
        await loop.run()
        await Task.yield()
      }
    }
    #expect(source.events.withLock { $0.filter { $0.kind == .look }.map(\.at) } == [Film.at(200), Film.at(300)])
    #expect(decoder.looked.withLock { $0 } == [1, 1])
    await loop.shutdownGracefully()
  }
}

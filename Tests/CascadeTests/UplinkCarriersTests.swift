import FirstFrameTesting
import Model
import NIOConcurrencyHelpers
import Synchronization
import Testing

@testable import Cascade

/// Media that flows nowhere, and remembers that it was stopped.
private final class StubMedia: UplinkMedia {
  let request: UplinkMediaRequest
  private let stops = Mutex(0)
  var isStopped: Bool { stops.withLock { $0 > 0 } }

  init(_ request: UplinkMediaRequest) { self.request = request }
  func stop() { stops.withLock { $0 += 1 } }
}

@Suite("The media of an uplink")
struct UplinkCarriersTests {
  /// Every carrier that was started.
  private final class Started: Sendable {
    private let made = Mutex<[StubMedia]>([])
    var all: [StubMedia] { made.withLock { $0 } }

    func start(_ request: UplinkMediaRequest) -> StubMedia {
      let media = StubMedia(request)
      made.withLock { $0.append(media) }
      return media
    }
  }

  private struct Scene {
    let started = Started()
    let facts = FactList()
    let incidents = SharedIncidents(UplinkIncidents())
    let carriers: UplinkCarriers
    var all: [StubMedia] { started.all }
    var running: [StubMedia] { all.filter { !$0.isStopped } }

    init() {
      let settings = UplinkSettings(
        name: "up", controlHost: "127.0.0.1", controlPort: 1, media: "rtsp://127.0.0.1:8554/", peerFingerprint: "aa", streams: ["live/**"])
      carriers = UplinkCarriers(
        settings, node: "wukang", startMedia: { [started] in started.start($0) },
        keyframes: KeyframeJournal(uplink: "up", boot: "b", facts: facts, incidents: incidents))
    }
  }

  private static let first = UplinkCarriers.Credentials(user: "wukang", secret: "s1")

  @Test("begin with the upper node's credentials, for the streams that the uplink is to have and for no others")
  func begins() {
    let scene = Scene()
    let carriers = scene.carriers
    carriers.carry(Sample.stream)
    carriers.carry(Sample.name("other/cam"))
    #expect(scene.all.isEmpty, "nobody may publish there yet")
    carriers.use(Self.first)
    #expect(scene.running.map(\.request.url) == ["rtsp://127.0.0.1:8554/wukang/live/cam1"])
    #expect(scene.running.map(\.request.secret) == ["s1"])
    carriers.carry(Sample.stream)
    carriers.carryWanted()
    #expect(scene.all.count == 1, "one carrier a stream")
    carriers.carry(Sample.other)
    #expect(carriers.streams == [Sample.stream, Sample.other])
  }

  @Test("go on when only the control link was lost, and begin anew when the upper node was restarted")
  func credentials() {
    let scene = Scene()
    let carriers = scene.carriers
    carriers.use(Self.first)
    carriers.carry(Sample.stream)
    carriers.use(Self.first)
    #expect(scene.all.count == 1 && scene.running.count == 1)
    carriers.use(UplinkCarriers.Credentials(user: "wukang", secret: "s2"))
    #expect(scene.all.map(\.isStopped) == [true, false])
    #expect(scene.running.map(\.request.secret) == ["s2"])
  }

  @Test("end with the uplink, and none begins after that")
  func stop() {
    let scene = Scene()
    let carriers = scene.carriers
    carriers.use(Self.first)
    carriers.carry(Sample.stream)
    carriers.stop()
    #expect(scene.running.isEmpty && carriers.streams.isEmpty)
    carriers.carry(Sample.other)
    carriers.carryWanted()
    #expect(scene.all.count == 1)
  }

  @Test("say of each key unit when it leaves")
  func leaves() throws {
    let scene = Scene()
    let carriers = scene.carriers
    scene.incidents.withLockedValue { $0.announcements.add(Sample.opened(), at: Sample.instant(1)) }
    carriers.use(Self.first)
    carriers.carry(Sample.stream)
    let media = try #require(scene.running.first)
    media.request.keyUnitLeaves(Sample.unit(1), Sample.time(5), Sample.time(6))
    #expect(scene.facts.facts.map(\.kind) == ["keyframe.sent"])
    #expect(scene.facts.facts.map(\.bootTime) == [Sample.time(6)])
  }

  @Test("carry what their patterns name", arguments: [("live/**", true), ("live/*1", true), ("live/cam2", false), ("**", true), ("", false)])
  func patterns(pattern: String, expected: Bool) {
    let settings = UplinkSettings(
      name: "up", controlHost: "h", controlPort: 1, media: "rtsp://h:1/", peerFingerprint: "", streams: ["none", pattern])
    #expect(settings.carries(Sample.stream) == expected)
    #expect(settings.media == "rtsp://h:1", "the path begins with a slash of its own")
  }
}

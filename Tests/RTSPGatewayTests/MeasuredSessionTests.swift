import Hub
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite("A measured session")
struct MeasuredSessionTests {
  final class Recording: SampleSink, SampleWriting {
    let records = NIOLockedValueBox<[SampleRecord]>([])
    let closed = NIOLockedValueBox(0)
    let headers = NIOLockedValueBox<[SampleHeader]>([])

    func open(_ header: SampleHeader) -> any SampleWriting {
      headers.withLockedValue { $0.append(header) }
      return self
    }
    func append(_ records: [SampleRecord]) { self.records.withLockedValue { $0 += records } }
    func close() { closed.withLockedValue { $0 += 1 } }
  }

  private func at(_ seconds: Int64, _ milliseconds: Int64 = 0) -> BootTime {
    BootTime(nanoseconds: (100 + seconds) * 1_000_000_000 + milliseconds * 1_000_000)
  }

  private func header(_ name: StreamName, method: MediaProtocol = .rtspUDP) -> SampleHeader {
    SampleHeader(
      node: "n", boot: "b", stream: name, session: "s", hop: .device, mediaProtocol: method, epoch: 7, started: at(0),
      startedWall: WallTime(nanoseconds: 0), tracks: [SampleTrack(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: 25_000)]
    )
  }

  private func unit(_ number: UInt64, _ name: StreamName, at arrival: BootTime) -> AccessUnit {
    AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "n", path: name), epoch: 7, number: number), track: 0,
      pts: MediaTime(value: Int64(number) * 3600, timescale: 90_000), firstArrival: arrival, arrival: arrival,
      flags: number % 25 == 1 ? [.key, .clean] : [.clean], payload: ByteBuffer(repeating: 1, count: 1000))
  }

  /// 61 s of 25 frames a second, one packet each, number 100 lost.
  private func run(_ session: MeasuredSession, _ name: StreamName) {
    var number: UInt64 = 0
    for second in 0..<Int64(61) {
      for frame in 0..<Int64(25) {
        number += 1
        let arrival = at(second, frame * 40)
        if number != 100 {
          let unit = unit(number, name, at: arrival)
          session.withMeter { meter in
            meter.packet(track: 0, sequenceNumber: UInt16(number), timestamp: UInt32(number) * 3600, arrival: arrival, bytes: 1012)
            meter.unit(unit, packets: 1)
          }
        }
      }
      session.tick(at: at(second + 1))
    }
  }

  @Test("tells a window each minute and one at its end, and its samples give the same figures again")
  func windows() throws {
    let name = try #require(StreamName("live/a"))
    let sink = Recording()
    let windows = NIOLockedValueBox<[QualityWindow]>([])
    let session = MeasuredSession(
      header: header(name),
      measuring: SessionMeasuring(samples: sink, windowClosed: { window in windows.withLockedValue { $0.append(window) } }))
    run(session, name)
    let live = try #require(session.quality(at: at(61)))
    #expect(live.packetsLost == 1 && live.packetsExpected == 1525 && live.framesReceived == 1524)
    session.close(at: at(62))
    session.close(at: at(63))
    let told = windows.withLockedValue { $0 }
    #expect(told.count == 2)
    #expect(told.first?.packetsLost == 1 && told.first?.span == .seconds(60))
    #expect(sink.closed.withLockedValue { $0 } == 1)
    var again = SessionFigures(header: try #require(sink.headers.withLockedValue { $0.first }))
    let recomputed = sink.records.withLockedValue { $0 }.compactMap { again.apply($0) }
    #expect(recomputed == told)
  }

  @Test("a shared session shows other threads the figures of the last second")
  func shared() throws {
    let name = try #require(StreamName("live/b"))
    let session = MeasuredSession(header: header(name), measuring: SessionMeasuring(), receiveBufferErrors: 0, isShared: true)
    run(session, name)
    let seen = try #require(session.sharedQuality(at: at(61)))
    #expect(seen.packetsLost == 1 && seen.framesReceived == 1524)
    let alone = MeasuredSession(header: header(name), measuring: SessionMeasuring())
    #expect(alone.sharedQuality(at: at(1)) == nil)
  }

  @Test("a node that measures nothing tells nothing: no figures, no window, no sample file")
  func off() throws {
    let name = try #require(StreamName("live/d"))
    let sink = Recording()
    let windows = NIOLockedValueBox<[QualityWindow]>([])
    let session = MeasuredSession(
      header: header(name),
      measuring: SessionMeasuring(isOn: false, samples: sink, windowClosed: { window in windows.withLockedValue { $0.append(window) } }),
      isShared: true)
    run(session, name)
    #expect(session.quality(at: at(61)) == nil && session.sharedQuality(at: at(61)) == nil)
    session.close(at: at(62))
    #expect(windows.withLockedValue { $0 }.isEmpty)
    #expect(sink.headers.withLockedValue { $0 }.isEmpty)
  }

  @Test("a registered frame rate goes before the publisher's")
  func registered() throws {
    let name = try #require(StreamName("live/c"))
    let session = MeasuredSession(header: header(name), measuring: SessionMeasuring(registeredFrameRateMilli: { _ in 50_000 }))
    session.format(Track(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: 25_000, width: 1280, height: 720), at: at(0))
    run(session, name)
    let window = try #require(session.quality(at: at(61))?.window)
    #expect(window.width == 1280)
    let expected = try #require(window.framesExpected)
    #expect((2950...3050).contains(expected))
  }
}

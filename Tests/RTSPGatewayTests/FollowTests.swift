import Gateway
import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing
import Transport

@testable import RTSPGateway

@Suite("A pusher follows its stream from one publication to the next", .timeLimit(.minutes(1)), .serialized)
struct FollowTests {
  /// Real parameter sets: a node describes a stream only once it understands them.
  private let track = Track(
    index: 0, codec: .h264, clockRate: 90_000,
    parameters: .h264(
      sps: [
        [
          0x67, 0x42, 0xC0, 0x1F, 0xD9, 0x00, 0x50, 0x05, 0xBB, 0x01, 0x6A, 0x02, 0x02, 0x02, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00,
          0x19, 0x07, 0x8C, 0x19, 0x24,
        ]
      ], pps: [[0x68, 0xCB, 0x83, 0xCB, 0x20]]))

  /// Posts a key picture every 40 ms.
  private func film(_ publication: Publication, on gateway: TestGateway) -> RepeatedTask {
    let number = NIOLockedValueBox<UInt64>(0)
    return gateway.media.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(40)) { _ in
      let next = number.withLockedValue { number in
        number += 1
        return number
      }
      let now = SystemClock().bootTime()
      publication.post(
        MediaBatch(
          units: [
            AccessUnit(
              id: AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: next), track: 0,
              pts: MediaTime(value: Int64(next) * 3600, timescale: 90_000), firstArrival: now, arrival: now, flags: [.key, .clean],
              payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65, 0x88, 0x84, 0x00, 0x10]))
          ], arrival: now))
    }
  }

  /// The turns of a pusher, as words.
  private final class Turns: Sendable {
    private let words = NIOLockedValueBox<[String]>([])
    var all: [String] { words.withLockedValue { $0 } }

    func note(_ turn: RTSPPusher.Turn) {
      let word =
        switch turn {
        case .connected: "connected"
        case .followed: "followed"
        case .disconnected(let fault, _): "disconnected \(fault.code.rawValue)"
        }
      words.withLockedValue { $0.append(word) }
    }
  }

  @Test("a device that changes from RTSP to RTMP and back is no failure of the uplink: the province sees the new publication without a wait")
  func protocols() async throws {
    try await TestGateway.with { device, _ in
      let county = try await TestGateway.start()
      let province = try await TestGateway.start(authority: OpenAuthority(trustsNodes: true), node: "province")
      let name = try #require(StreamName("live/cam1"))
      let upper = try #require(StreamName("county/live/cam1"))
      let seen = try await UnitCollector.on(upper, of: province)
      let turns = Turns()
      var options = RTSPPusher.Options(url: province.url(upper.path))
      options.tellsUnitIDs = true
      options.turned = { turns.note($0) }
      let uplink = try RTSPPusher(name, options: options, context: county.context)
      uplink.start()

      // RTSP: the device's own hub, pushed to the county.
      let filmed = try await UnitPublisher.publish(name, tracks: [track], on: device)
      let filming = film(filmed, on: device)
      let camera = try RTSPPusher(name, options: RTSPPusher.Options(url: county.url(name.path)), context: device.context)
      camera.start()
      try await seen.atLeast(5)
      let first = try #require(seen.units.last?.id.epoch)
      let local = try await UnitCollector.on(name, of: county)
      await camera.stop()
      filming.cancel()
      // Its name is free when the county knows that it has left.
      for _ in 0..<1000 where local.interruptions == 0 {
        try await county.group.next().scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
      }

      // Units as RTMP brings them, under the same name.
      let second = try await UnitPublisher.publish(name, tracks: [track], on: county)
      let other = film(second, on: county)
      try await arrives(second.epoch, at: seen)
      other.cancel()
      second.finish(Fault(.streamEnded, "test"))

      // And RTSP again.
      let again = film(filmed, on: device)
      let back = try RTSPPusher(name, options: RTSPPusher.Options(url: county.url(name.path)), context: device.context)
      back.start()
      for _ in 0..<1000 where (seen.units.last?.id.epoch ?? 0) <= second.epoch {
        try await county.group.next().scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
      }
      let third = try #require(seen.units.last?.id.epoch)
      #expect(first < second.epoch && second.epoch < third)
      #expect(turns.all == ["connected", "followed", "connected", "followed", "connected"])
      again.cancel()
      await back.stop()
      await uplink.stop()
      await province.stop()
      await county.stop()
    }
  }

  private func arrives(_ epoch: UInt64, at collector: UnitCollector) async throws {
    for _ in 0..<1000 where collector.units.last?.id.epoch != epoch {
      try await collector.loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }
    #expect(collector.units.last?.id.epoch == epoch)
  }
}

import Foundation
import Hub
import Journal
import Measure
import Model
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Cascade
@testable import Command

/// A running county: its desk, its uplink, and media that goes up by a hand of the test's.
final class County {
  let parts: NodeParts
  let desk: IncidentDesk
  let uplink: Uplink
  private let feed: FactFeed

  /// - Parameter upper: the hub that media is handed to; nil hands it to nobody, but it leaves all the same.
  init(folder: String, clock: OwnClock, fingerprint: String, port: Int, upper: (hub: Hub, clock: OwnClock)?) async throws {
    let parts = try NodeParts("deqing", folder: folder, clock: clock)
    self.parts = parts
    let uplink = Uplink(
      UplinkSettings(
        name: "up", controlHost: "127.0.0.1", controlPort: port, media: "rtsp://127.0.0.1:1", peerFingerprint: fingerprint,
        streams: ["live/**"]),
      hub: parts.hub, identity: parts.identity, dataFolder: folder, group: TwoCentres.group, logger: TwoCentres.logger,
      startMedia: { HandedMedia($0, parts: parts, upper: upper) }, events: Uplink.Events { _, _ in })
    self.uplink = uplink
    let name = try #require(StreamName("live/solo01"))
    desk = IncidentDesk(
      DeskEnvironment(
        hub: parts.hub, loop: TwoCentres.group.next(), decoder: Eyes(),
        register: DeviceRegister([RegisteredDevice(name: "solo01", stream: name, deviceClass: .soloKit)]),
        dataFolder: folder, history: FactHistory(parts.projection, of: parts.journal), logger: TwoCentres.logger),
      policy: try Policy(TwoCentres.policy), upper: County.way(uplink, clock))
    parts.hub.resumeEpochs(from: parts.facts)
    feed = try await FactFeed(
      parts.journal, parts.projection, consumers: [uplink] + desk.consumers, clock: clock, logger: TwoCentres.logger)
    uplink.start()
    feed.start()
  }

  private static func way(_ uplink: Uplink, _ clock: OwnClock) -> UpperTier {
    UpperTier(
      beacons: {
        uplink.newestBeacon(at: clock.bootTime()).map { [$0.beacon.opened(uplink: "up", peer: "aa", arrival: $0.arrival)] } ?? []
      },
      announce: { opened, floors in
        let from = Dictionary(floors.map { ($0.stream, (epoch: $0.epoch, number: $0.number)) }) { first, _ in first }
        if let announced = OpenedIncident(opened, uplink: "up", floors: from) { uplink.announce(announced, at: NodeInstant(opened)) }
      }, withdraw: { uplink.withdraw($0) },
      offsets: { uplink.offset(at: clock.bootTime()).map { [UpperTier.Offset(uplink: "up", offset: $0)] } ?? [] })
  }

  /// Opens an incident as soon as a beacon is at hand.
  func open(_ title: String = "演练") async throws -> IncidentOutput {
    try #require(try await TwoCentres.eventually { uplink.newestBeacon(at: parts.clock.bootTime()) != nil })
    return try await desk.open(OpenRequest(title: title, devices: ["solo01"]))
  }

  /// Waits until the desk shows an incident so.
  func shows(_ id: String, _ condition: (IncidentOutput) -> Bool) async throws -> Bool {
    try await TwoCentres.eventually {
      for consumer in desk.consumers { await consumer.tick(at: parts.clock.bootTime()) }
      return condition(try await desk.show(id))
    }
  }

  /// As a kill leaves it: what the journal has is all that is left.
  func stop() async {
    uplink.stop()
    feed.stop()
    await parts.stop()
  }
}

/// Carries units to the province's hub as RTSP would, with the instant before each key unit leaves.
///
/// `@unchecked Sendable`: `publication` and `waiting` are touched on ``loop`` only.
final class HandedMedia: StreamReader, UplinkMedia, @unchecked Sendable {
  let loop: any EventLoop = TwoCentres.group.next()
  private let parts: NodeParts
  private let upper: (hub: Hub, clock: OwnClock)?
  private let request: UplinkMediaRequest
  private let subscription = Mutex<Subscription?>(nil)
  private var publication: Publication?
  private var waiting: [AccessUnit] = []

  init(_ request: UplinkMediaRequest, parts: NodeParts, upper: (hub: Hub, clock: OwnClock)?) {
    self.request = request
    self.parts = parts
    self.upper = upper
    parts.hub.subscribe(self, to: request.stream, form: .units).whenSuccess { [self] found in subscription.withLock { $0 = found } }
  }

  func stop() {
    subscription.withLock { $0?.cancel() }
    loop.execute { [self] in
      publication?.finish(Fault(.streamEnded))
      publication = nil
    }
  }

  func streamStarted(_ description: StreamDescription) {
    guard publication == nil, let upper, let name = description.name.prefixed(by: description.origin.node) else { return }
    upper.hub.publish(
      PublishRequest(
        name: name, tracks: description.tracks, mediaProtocol: .rtmp, remoteAddress: "county", origin: description.origin, sharedClock: true,
        loop: loop, source: SilentSource())
    ).hop(to: loop).whenSuccess { [self] made in
      publication = made
      let units = waiting
      waiting = []
      for unit in units { carry(unit) }
    }
  }

  func receive(_ delivery: Delivery) {
    for unit in delivery.units {
      if unit.isKey, !unit.flags.contains(.backfill) { request.keyUnitLeaves(unit.id, unit.firstArrival, parts.clock.bootTime()) }
      if publication == nil { waiting.append(unit) } else { carry(unit) }
    }
  }

  private func carry(_ unit: AccessUnit) {
    guard let upper else { return }
    var unit = unit
    let now = upper.clock.bootTime()
    unit.firstArrival = now
    unit.arrival = now
    publication?.post(MediaBatch(units: [unit], arrival: now))
  }

  func streamInterrupted(at: BootTime) {}
  func streamEnded(_ reason: Fault) {}
}

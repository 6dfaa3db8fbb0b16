internal import Hub
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Watches one called-out stream for its first packet and its first key frame after t1 (t5, t5k), for a stream that was live before.
///
/// `@unchecked Sendable`: `seen` is touched on ``loop`` only, the subscription is behind its lock.
final class StreamWatch: StreamReader, @unchecked Sendable {
  /// What came first after t1.
  enum First: Sendable {
    case packet, keyframe
  }

  let loop: any EventLoop
  private let from: BootTime
  private let report: @Sendable (_ first: First, _ unit: AccessUnit) -> Void
  private let subscription = NIOLockedValueBox<Subscription?>(nil)
  private var seenPacket = false
  private var seenKey = false
  private var videoTracks: Set<UInt8> = []

  /// - Parameter report: called on `loop`, at most once for each.
  init(loop: any EventLoop, from: BootTime, report: @escaping @Sendable (_ first: First, _ unit: AccessUnit) -> Void) {
    self.loop = loop
    self.from = from
    self.report = report
  }

  func begin(on name: StreamName, of hub: Hub) {
    hub.subscribe(self, to: name, form: .units).whenSuccess { [weak self] found in
      self?.subscription.withLockedValue { $0 = found }
    }
  }

  func end() {
    let found = subscription.withLockedValue { subscription in
      defer { subscription = nil }
      return subscription
    }
    found?.cancel()
  }

  func streamStarted(_ description: StreamDescription) {
    videoTracks = Set(description.tracks.filter { $0.codec.isVideo }.map(\.index))
  }
  func streamInterrupted(at: BootTime) {}
  func streamEnded(_ reason: Fault) {}

  func receive(_ delivery: Delivery) {
    for unit in delivery.units where unit.firstArrival >= from && !unit.flags.contains(.backfill) {
      if !seenPacket {
        seenPacket = true
        report(.packet, unit)
      }
      if !seenKey, unit.isKey, videoTracks.contains(unit.track) {
        seenKey = true
        report(.keyframe, unit)
      }
    }
    if seenPacket, seenKey { end() }
  }
}

public import Model
internal import NIOConcurrencyHelpers

/// The distances of the lower nodes' boot clocks from this node's, from beacons that came back in time requests. For delays of media only: no bracket and
/// no verdict of an incident is made of them.
public final class LowerClocks: Sendable {
  private struct Clock {
    var boot: String
    var offset = OffsetEstimator()
    /// The newest beacon that came back: each counts once, so that no node makes more bounds than there were seconds.
    var newestEcho = Int64.min
  }

  private struct State {
    /// Times of the newest beacons, oldest first: an echo of one that was never sent moves no bounds.
    var beacons: [Int64] = []
    var clocks: [String: Clock] = [:]
  }

  private static let mostBeacons = 16
  private let state = NIOLockedValueBox(State())

  init() {}

  func sent(_ beacon: Beacon) {
    state.withLockedValue { state in
      state.beacons.append(beacon.nanoseconds)
      if state.beacons.count > LowerClocks.mostBeacons { state.beacons.removeFirst() }
    }
  }

  /// A lower node's link is up: what was known of an earlier boot's clock says nothing of this one's.
  func linked(_ peer: LinkHandshake.Party) {
    state.withLockedValue { state in
      if state.clocks[peer.node]?.boot != peer.boot { state.clocks[peer.node] = Clock(boot: peer.boot) }
    }
  }

  /// A beacon came back in a time request that was sent at `t1` on the lower's clock.
  /// - Returns: what it did to the bounds; nil when it says nothing.
  func echoed(_ beacon: ReceivedBeacon, t1: Int64, arrival: BootTime, of peer: LinkHandshake.Party) -> OffsetEstimator.Outcome? {
    state.withLockedValue { state in
      guard state.beacons.contains(beacon.sentNs), let known = state.clocks[peer.node], known.boot == peer.boot,
        beacon.sentNs > known.newestEcho
      else { return nil }
      state.clocks[peer.node]?.newestEcho = beacon.sentNs
      return state.clocks[peer.node]?.offset.add(t1: BootTime(nanoseconds: beacon.sentNs), t2: beacon.arrivalNs, t3: t1, t4: arrival)
    }
  }

  /// Lower node's boot clock − ours; nil while nothing bounds it.
  public func distance(of node: String, at now: BootTime) -> OffsetEstimator.Interval? {
    state.withLockedValue { $0.clocks[node]?.offset.interval(at: now) }
  }
}

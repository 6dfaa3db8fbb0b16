public import Model
internal import NIOConcurrencyHelpers

/// E6: when each key unit was first about to be written towards an upper node. The first instant is kept, because a repeat could be later than the
/// decode that it bounds from below.
public final class SentKeyframes: Sendable {
  public struct Entry: Sendable, Hashable {
    public var stream: StreamName
    public var firstArrival: BootTime
    public var sent: BootTime
    /// Whether its `keyframe.sent` fact was written.
    public var journaled = false
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var order: [String] = []
  }

  private let limit: Int
  private let state = NIOLockedValueBox(State())

  public init(limit: Int = 8192) { self.limit = max(2, limit) }

  /// Notes a send; false when this unit was sent before.
  public func note(_ unit: AccessUnitID, stream: StreamName, firstArrival: BootTime, sent: BootTime) -> Bool {
    state.withLockedValue { state in
      let key = unit.description
      guard state.entries[key] == nil else { return false }
      state.entries[key] = Entry(stream: stream, firstArrival: firstArrival, sent: sent)
      state.order.append(key)
      if state.order.count > limit {
        for old in state.order.prefix(limit / 2) { state.entries[old] = nil }
        state.order.removeFirst(limit / 2)
      }
      return true
    }
  }

  /// Claims the writing of a unit's `keyframe.sent` fact: nil when it was written before or the unit is not known.
  public func claimJournaling(of unit: String) -> Entry? {
    state.withLockedValue { state in
      guard let entry = state.entries[unit], !entry.journaled else { return nil }
      state.entries[unit]?.journaled = true
      return entry
    }
  }

  /// - Parameter unit: `node/path@epoch#number`.
  public func entry(of unit: String) -> Entry? { state.withLockedValue { $0.entries[unit] } }
}

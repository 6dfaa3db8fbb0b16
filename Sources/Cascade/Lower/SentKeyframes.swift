public import Model
internal import NIOConcurrencyHelpers

/// E6: when each key unit was first about to be written towards an upper node. The first instant is kept, because a repeat could be later than the
/// decode that it bounds from below.
public final class SentKeyframes: Sendable {
  /// A key unit that left.
  public struct Entry: Sendable, Hashable {
    /// Path of the stream here.
    public var stream: StreamName
    /// Arrival of the unit's first packet.
    public var firstArrival: BootTime
    /// The instant before its first write.
    public var sent: BootTime
    /// The boot that both times are of: entries of an earlier one come from the journal.
    public var boot: String
    /// Whether its `keyframe.sent` fact was written.
    public var journaled = false
  }

  /// Units that are kept at most.
  public static let usualLimit = 8192

  private struct State {
    var entries: [String: Entry] = [:]
    var order: [String] = []
  }

  private let boot: String
  private let limit: Int
  private let state = NIOLockedValueBox(State())

  /// - Parameter boot: the node's present boot id.
  public init(boot: String, limit: Int = SentKeyframes.usualLimit) {
    self.boot = boot
    self.limit = max(2, limit)
  }

  /// Restores what the journal holds of a unit that was sent before a restart: a receipt may still come for it.
  public func recover(_ unit: String, _ entry: Entry) {
    state.withLockedValue { state in
      guard state.entries[unit] == nil else { return }
      state.entries[unit] = entry
      state.order.append(unit)
      trim(&state)
    }
  }

  /// Notes a send; false when this unit was sent before.
  public func note(_ unit: AccessUnitID, stream: StreamName, firstArrival: BootTime, sent: BootTime) -> Bool {
    state.withLockedValue { state in
      let key = unit.description
      guard state.entries[key] == nil else { return false }
      state.entries[key] = Entry(stream: stream, firstArrival: firstArrival, sent: sent, boot: boot)
      state.order.append(key)
      trim(&state)
      return true
    }
  }

  private func trim(_ state: inout State) {
    guard state.order.count > limit else { return }
    for old in state.order.prefix(limit / 2) { state.entries[old] = nil }
    state.order.removeFirst(limit / 2)
  }

  /// Units of these streams that arrived at or after an instant of this boot and left before their sending was of interest.
  func unjournaled(of streams: Set<StreamName>, arrivedFrom: BootTime) -> [String] {
    state.withLockedValue { state in
      state.order.filter { unit in
        guard let entry = state.entries[unit], !entry.journaled, entry.boot == boot else { return false }
        return streams.contains(entry.stream) && entry.firstArrival >= arrivedFrom
      }
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

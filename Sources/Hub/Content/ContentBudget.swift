internal import Model
internal import NIOConcurrencyHelpers

/// What all probes of a node share: decoding time that fills up as time passes, and memory for held units.
///
/// Every stream gets the same: the more there are, and the dearer a look, the further apart looks are.
final class ContentBudget: Sendable {
  private struct State {
    var balance: Int64
    var filledAt: BootTime?
    var pictures = 0
    var sounds = 0
    /// Smoothed cost of a look and a listen, nanoseconds. They begin with nearly twice what 720p and AAC cost.
    var lookCost: Int64 = 8_000_000
    var listenCost: Int64 = 2_000_000
    /// Jobs that began and whose cost is not known yet.
    var looking = 0
    var listening = 0
    var heldBytes = 0
  }

  enum Job { case look, listen }

  /// Intervals that are longer are not searched for edges.
  static let longestSearched = Nanoseconds.seconds(8)
  /// What a job that failed is taken to have cost: more than one that did not, but one broken stream must not use up what all have.
  static let failureCost = Nanoseconds.milliseconds(10)

  let settings: ContentSettings
  private let state: NIOLockedValueBox<State>

  init(_ settings: ContentSettings) {
    self.settings = settings
    state = NIOLockedValueBox(State(balance: settings.millisecondsPerSecond &* 2_000_000))
  }

  /// Whether a job may begin; ``end(_:cost:)`` must follow. What began before is counted with what such jobs cost, so that many streams that
  /// come at once are not all looked at at once.
  func begin(_ job: Job, at now: BootTime) -> Bool {
    state.withLockedValue { state in
      guard hasMore(&state, at: now) else { return false }
      switch job {
      case .look: state.looking += 1
      case .listen: state.listening += 1
      }
      return true
    }
  }

  /// - Parameter cost: nil when it failed.
  func end(_ job: Job, cost: Nanoseconds?) {
    state.withLockedValue { state in
      state.balance &-= (cost ?? ContentBudget.failureCost).value
      switch job {
      case .look:
        state.looking -= 1
        if let cost { state.lookCost = (state.lookCost &* 7 &+ cost.value) / 8 }
      case .listen:
        state.listening -= 1
        if let cost { state.listenCost = (state.listenCost &* 7 &+ cost.value) / 8 }
      }
    }
  }

  /// Whether edges may be searched for; what that costs is reported by ``spentSearch(_:)``.
  func maySearch(at now: BootTime) -> Bool { state.withLockedValue { hasMore(&$0, at: now) } }

  func spentSearch(_ cost: Nanoseconds) { state.withLockedValue { $0.balance &-= cost.value } }

  private func hasMore(_ state: inout State, at now: BootTime) -> Bool {
    let rate = settings.millisecondsPerSecond
    if let filled = state.filledAt {
      let elapsed = min(max(0, (now - filled).value), 60_000_000_000)
      state.balance = min(rate &* 2_000_000, state.balance &+ elapsed / 1000 &* rate)
    }
    state.filledAt = now
    return state.balance > Int64(state.looking) &* state.lookCost &+ Int64(state.listening) &* state.listenCost
  }

  var lookInterval: Nanoseconds { max(settings.lookInterval, fairInterval) }
  var listenInterval: Nanoseconds { max(settings.listenInterval, fairInterval) }

  private var fairInterval: Nanoseconds { state.withLockedValue { fairInterval($0) } }

  private func fairInterval(_ state: State) -> Nanoseconds {
    let round = Int64(state.pictures) &* state.lookCost &+ Int64(state.sounds) &* state.listenCost
    return Nanoseconds(min(600_000_000_000, round / max(1, settings.millisecondsPerSecond) &* 1000))
  }

  /// So many tracks of picture and of sound are probed more, or fewer.
  func joined(pictures: Int, sounds: Int) {
    state.withLockedValue { state in
      state.pictures += pictures
      state.sounds += sounds
    }
  }

  /// Whether units are held for searches: there is room, and looks are near enough that a search among what lies between could be paid for.
  var mayHold: Bool {
    state.withLockedValue { $0.heldBytes < settings.heldBytes && fairInterval($0) <= ContentBudget.longestSearched }
  }
  func held(_ change: Int) { state.withLockedValue { $0.heldBytes += change } }
}

internal import CLinux
internal import Model
internal import Synchronization

/// Watches the wall clock: a step against boot time and a change of its synchronisation are facts; neither changes an interval.
final class ClockWatch: Sendable {
  private struct State {
    var last: ClockReading?
    var synced: Bool?
    var toldAt: BootTime?
  }

  /// Beyond this in one second it was a step, not a slew (adjtimex slews by 500 ppm at most).
  static let stepLimit = Nanoseconds.milliseconds(20)
  private let clock: any NodeClock
  private let facts: any FactSink
  private let state = Mutex(State())

  init(clock: any NodeClock, facts: any FactSink) {
    self.clock = clock
    self.facts = facts
  }

  /// Once a second.
  func tick() {
    let reading = clock.reading()
    let kernel = ClockWatch.kernelState()
    let (step, tell) = state.withLock { state -> (Nanoseconds?, Bool) in
      let moved = state.last.map { reading.step(since: $0) }
      state.last = reading
      let isStep = moved.map { abs($0.value) > ClockWatch.stepLimit.value } ?? false
      let isDue = state.toldAt.map { reading.boot - $0 >= .seconds(600) } ?? true
      let tell = isDue || kernel?.synced != state.synced
      if tell {
        state.synced = kernel?.synced
        state.toldAt = reading.boot
      }
      return (isStep ? moved : nil, tell)
    }
    if let step { facts.record(FactKind.clockStep, ["stepNs": .int(step.value)], at: reading.boot) }
    guard tell, let kernel else { return }
    facts.record(
      FactKind.clockState,
      [
        "synced": .bool(kernel.synced), "source": "adjtimex", "estimatedErrorNs": .int(kernel.estimatedErrorNs),
        "maxErrorNs": .int(kernel.maximumErrorNs),
      ], at: reading.boot)
  }

  /// The kernel's view of its own clock; nil where it cannot be asked.
  static func kernelState() -> (synced: Bool, estimatedErrorNs: Int64, maximumErrorNs: Int64)? {
    var state = ff_clock_state()
    guard ff_read_clock_state(&state) == 0 else { return nil }
    return (state.synchronised == 1, state.estimated_error_ns, state.maximum_error_ns)
  }
}

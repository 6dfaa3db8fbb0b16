internal import CLinux
internal import Model
internal import Synchronization

/// Watches the wall clock: a step against boot time and a change of its synchronisation are facts; neither changes an interval.
final class ClockWatch: Sendable {
  private let clock: any NodeClock
  private let facts: any FactSink
  private let state = Mutex(WallClockWatch())

  init(clock: any NodeClock, facts: any FactSink) {
    self.clock = clock
    self.facts = facts
  }

  /// Once a second.
  func tick() {
    let reading = clock.bracketedReading()
    let kernel = ClockWatch.kernelState()
    let findings = state.withLock { $0.update(reading, synced: kernel?.synced) }
    if let step = findings.step {
      facts.record(ClockStepFact(.wall(step)), at: reading.after)
    }
    guard findings.isStateDue, let kernel else { return }
    facts.record(
      ClockStateFact(
        isSynchronised: kernel.synced, source: "adjtimex", estimatedError: Nanoseconds(kernel.estimatedErrorNs),
        maximumError: Nanoseconds(kernel.maximumErrorNs)), at: reading.after)
  }

  /// The kernel's view of its own clock; nil where it cannot be asked.
  static func kernelState() -> (synced: Bool, estimatedErrorNs: Int64, maximumErrorNs: Int64)? {
    var state = ff_clock_state()
    guard ff_read_clock_state(&state) == 0 else { return nil }
    return (state.synchronised == 1, state.estimated_error_ns, state.maximum_error_ns)
  }
}

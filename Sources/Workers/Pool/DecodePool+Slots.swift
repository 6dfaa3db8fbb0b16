internal import Dispatch
internal import Model
internal import NIOConcurrencyHelpers

/// What the slots see of the pool.
extension DecodePool: WorkerSlot.Work {
  var isOpen: Bool { state.withLockedValue { $0.isOpen } }
  func note(_ event: WorkerEvent) { onEvent(event) }

  /// Waits about a second for a job.
  func waitForJob() -> JobQueue<DecodeJob>.Entry? {
    _ = jobAdded.wait(timeout: .now() + 1)
    let (late, entry) = state.withLockedValue { state in (state.schedule.expire(at: .now), state.schedule.next()) }
    refuse(late)
    return entry
  }

  /// The worker is free again, whatever came of the job.
  func ended(_ entry: JobQueue<DecodeJob>.Entry) {
    if entry.job.isBackground, state.withLockedValue({ $0.schedule.backgroundEnded() }) { jobAdded.signal() }
  }

  /// The worker is of no more use; the job may get another.
  func failed(_ entry: JobQueue<DecodeJob>.Entry, _ fault: Fault) {
    // A background job may be what killed the worker, and is worth no second one.
    if !entry.job.isBackground, state.withLockedValue({ $0.isOpen && $0.schedule.retry(entry) }) {
      jobAdded.signal()
    } else {
      entry.job.fail(fault)
    }
  }

  /// Waits before a worker is started again, shorter when the pool closes; refuses meanwhile what waits too long.
  func pause(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    let nap = DispatchSemaphore(value: 0)
    while isOpen, ContinuousClock.now < end {
      _ = nap.wait(timeout: .now() + .milliseconds(50))
      refuse(state.withLockedValue { $0.schedule.expire(at: .now) })
    }
  }

  private func refuse(_ late: [DecodeJob]) {
    for job in late { job.fail(Fault(.workerBusy, "no worker in time")) }
  }
}

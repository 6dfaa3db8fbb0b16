internal import Model
internal import NIOCore

/// One worker's place in the pool: a thread that starts it, feeds it, and starts it again when it dies.
struct WorkerSlot: Sendable {
  /// What a slot asks of its pool.
  protocol Work: AnyObject, Sendable {
    var isOpen: Bool { get }
    /// Waits about a second for a job.
    func waitForJob() -> JobQueue<DecodeJob>.Entry?
    func failed(_ entry: JobQueue<DecodeJob>.Entry, _ fault: Fault)
    /// The worker is free again, whatever came of the job.
    func ended(_ entry: JobQueue<DecodeJob>.Entry)
    func note(_ event: WorkerEvent)
    /// Waits, shorter when the pool closes.
    func pause(_ duration: Duration)
  }

  let settings: DecodePoolSettings
  let launcher: any WorkerLauncher
  let reception: WorkerReception

  /// The thread's body: returns when the pool closes.
  func run(_ pool: any Work) {
    var backoff = WorkerBackoff()
    while pool.isOpen {
      do {
        let worker = try launcher.launch(socketPath: settings.socketPath)
        defer { worker.kill() }
        do {
          let connection = try reception.meet(worker, within: settings.helloTimeout)
          pool.note(.started(pid: worker.pid))
          try serve(pool, worker, connection, &backoff)
          return
        } catch {
          worker.kill()
          pool.note(.died(pid: worker.pid, error))
        }
      } catch {
        pool.note(.notStarted(error))
      }
      if pool.isOpen { pool.pause(backoff.next()) }
    }
  }

  /// Returns when the pool closes, throws when the worker is of no more use.
  private func serve(
    _ pool: any Work, _ worker: any WorkerHandle, _ connection: WorkerConnection, _ backoff: inout WorkerBackoff
  ) throws(Fault) {
    while pool.isOpen {
      guard let entry = pool.waitForJob() else {
        try checkIdle(worker, connection)
        continue
      }
      defer { pool.ended(entry) }
      do {
        try exchange(entry.job, connection)
        backoff.reset()
      } catch {
        pool.failed(entry, error)
        throw error
      }
    }
  }

  /// An idle worker must answer too: one that hangs would cost the next job its time.
  private func checkIdle(_ worker: any WorkerHandle, _ connection: WorkerConnection) throws(Fault) {
    guard !worker.hasEnded, !connection.isHungUp else { throw Fault(.workerDied, "ended while idle") }
    try connection.send(WorkerFrame(.ping), within: .seconds(1))
    guard try connection.receive(within: .seconds(5)).kind == .pong else { throw Fault(.workerDied, "no pong to a ping") }
  }

  private func exchange(_ job: DecodeJob, _ connection: WorkerConnection) throws(Fault) {
    try connection.send(job.frame, within: settings.jobTimeout)
    guard job.answer(try connection.receive(within: settings.jobTimeout)) else { throw Fault(.workerDied, "an answer to no question") }
  }
}

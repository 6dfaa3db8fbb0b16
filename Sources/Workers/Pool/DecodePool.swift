internal import Dispatch
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Worker processes that decode key frames: the relay itself never does (architecture.md, decision 4).
///
/// A worker that crashes or hangs costs one job, which another worker gets once more, and is started again with growing waits.
public final class DecodePool: PictureDecoder, @unchecked Sendable {
  // All mutable state is behind `state`; semaphore and reception are thread safe.
  private struct State {
    var queue: JobQueue<DecodeJob>
    var background: JobQueue<DecodeJob>
    /// Workers that are at background jobs.
    var atBackground = 0
    var nextID: Int64 = 1
    var isOpen = true
    var threads = 0
    var whenStopped: [CheckedContinuation<Void, Never>] = []
  }

  private let settings: DecodePoolSettings
  private let state: NIOLockedValueBox<State>
  private let bell = DispatchSemaphore(value: 0)
  private let onEvent: @Sendable (WorkerEvent) -> Void

  /// Makes the socket and starts the workers. Throws ``Fault`` when the socket cannot be made; workers that do not start are told as events.
  public static func start(
    _ settings: DecodePoolSettings, launcher: any WorkerLauncher = ProcessLauncher(),
    onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
  ) throws(Fault) -> DecodePool {
    let reception = try WorkerReception(path: settings.socketPath)
    let pool = DecodePool(settings, onEvent)
    let slot = WorkerSlot(settings: settings, launcher: launcher, reception: reception)
    let work = PoolWork(pool)
    for index in 0..<max(1, settings.workers) {
      pool.state.withLockedValue { $0.threads += 1 }
      let started = OwnThread.start("ff-worker-\(index)") {
        slot.run(work)
        pool.threadEnded()
      }
      if !started { pool.threadEnded() }
    }
    return pool
  }

  private init(_ settings: DecodePoolSettings, _ onEvent: @escaping @Sendable (WorkerEvent) -> Void) {
    self.settings = settings
    self.onEvent = onEvent
    state = NIOLockedValueBox(State(queue: JobQueue(limit: settings.queueLimit), background: JobQueue(limit: settings.backgroundLimit)))
  }

  /// Decodes a key unit. Suspends, never blocks.
  /// - Throws: ``Fault`` `.workerBusy` when too many jobs wait, `.workerDied` when two workers failed on it. An undecodable picture is a result that
  ///   is not `ok`.
  public func probe(_ unit: AccessUnit, track: Track) async throws(Fault) -> DecodeResult {
    guard track.codec.isVideo else { throw Fault(.decodeFailed, "not a picture: \(track.codec.rawValue)") }
    return try await run(isBackground: false, read: DecodeResult.read) { DecodeRequest(id: $0, unit: unit, track: track).frame }
  }

  /// Queues a job and suspends until it is answered or given up.
  func run<Answer: Sendable>(
    isBackground: Bool, read: @escaping @Sendable (WorkerFrame) -> (id: Int64, result: Answer)?, frame: (Int64) -> WorkerFrame
  ) async throws(Fault) -> Answer {
    let id = state.withLockedValue { state in
      state.nextID &+= 1
      return state.nextID
    }
    let frame = frame(id)
    let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Answer, Fault>, Never>) in
      let job = DecodeJob(
        id: id, frame: frame, isBackground: isBackground,
        answer: { answer in
          guard let (told, result) = read(answer), told == id else { return false }
          continuation.resume(returning: .success(result))
          return true
        }, fail: { continuation.resume(returning: .failure($0)) })
      if let refusal = add(job) { job.fail(refusal) } else { bell.signal() }
    }
    return try outcome.get()
  }

  private func add(_ job: DecodeJob) -> Fault? {
    state.withLockedValue { state in
      guard state.isOpen else { return Fault(.workerDied, "the pool is closed") }
      let isIn =
        job.isBackground
        ? state.background.add(job, deadline: .now + settings.backgroundTimeout) : state.queue.add(job, deadline: .now + settings.queueTimeout)
      return isIn ? nil : Fault(.workerBusy, "\(job.isBackground ? settings.backgroundLimit : settings.queueLimit) jobs wait")
    }
  }

  /// The same for those who want a picture or nothing: a result that is not `ok` is thrown as `.decodeFailed`.
  public func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture {
    let result = try await probe(unit, track: track)
    guard result.ok else { throw Fault(.decodeFailed, "\(unit.id): \(result.reason)") }
    return result.picture
  }

  /// Ends the workers and the jobs that wait. Returns when every worker process is gone.
  public func stop() async {
    let left = state.withLockedValue { state in
      state.isOpen = false
      return state.queue.removeAll() + state.background.removeAll()
    }
    for job in left { job.fail(Fault(.workerDied, "the pool is closed")) }
    for _ in 0..<max(1, settings.workers) { bell.signal() }
    await withCheckedContinuation { continuation in
      let alreadyStopped = state.withLockedValue { state in
        if state.threads > 0 { state.whenStopped.append(continuation) }
        return state.threads == 0
      }
      if alreadyStopped { continuation.resume() }
    }
  }

  /// Jobs that no worker has taken yet.
  var waitingJobs: Int { state.withLockedValue { $0.queue.waiting.count + $0.background.waiting.count } }

  private func threadEnded() {
    let waiting = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
      state.threads -= 1
      guard state.threads == 0 else { return [] }
      defer { state.whenStopped.removeAll() }
      return state.whenStopped
    }
    for continuation in waiting { continuation.resume() }
  }

  /// What the slots see of the pool.
  private final class PoolWork: WorkerSlot.Work {
    private let pool: DecodePool
    init(_ pool: DecodePool) { self.pool = pool }

    var isOpen: Bool { pool.state.withLockedValue { $0.isOpen } }
    func note(_ event: WorkerEvent) { pool.onEvent(event) }

    func waitForJob() -> JobQueue<DecodeJob>.Entry? {
      _ = pool.bell.wait(timeout: .now() + 1)
      let (late, entry) = pool.take()
      pool.refuse(late)
      return entry
    }

    func ended(_ entry: JobQueue<DecodeJob>.Entry) {
      guard entry.job.isBackground else { return }
      let more = pool.state.withLockedValue { state in
        state.atBackground -= 1
        return !state.background.waiting.isEmpty
      }
      if more { pool.bell.signal() }
    }

    func failed(_ entry: JobQueue<DecodeJob>.Entry, _ fault: Fault) {
      // A background job may be what killed the worker, and is worth no second one.
      if !entry.job.isBackground, pool.state.withLockedValue({ $0.isOpen && $0.queue.retry(entry) }) {
        pool.bell.signal()
      } else {
        entry.job.fail(fault)
      }
    }

    func pause(_ duration: Duration) {
      let end = ContinuousClock.now + duration
      let nap = DispatchSemaphore(value: 0)
      while isOpen, ContinuousClock.now < end {
        _ = nap.wait(timeout: .now() + .milliseconds(50))
        pool.refuse(pool.state.withLockedValue { $0.queue.expire(at: .now) + $0.background.expire(at: .now) })
      }
    }
  }

  /// The next job: a background one only when no other waits, and while a worker stays free for those that may come. With one worker it has to share.
  private func take() -> (late: [DecodeJob], entry: JobQueue<DecodeJob>.Entry?) {
    state.withLockedValue { state in
      let late = state.queue.expire(at: .now) + state.background.expire(at: .now)
      if let entry = state.queue.take() { return (late, entry) }
      guard state.atBackground < max(1, settings.workers - 1), let entry = state.background.take() else { return (late, nil) }
      state.atBackground += 1
      return (late, entry)
    }
  }

  private func refuse(_ late: [DecodeJob]) {
    for job in late { job.fail(Fault(.workerBusy, "no worker in time")) }
  }
}

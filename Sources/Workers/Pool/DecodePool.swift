internal import Dispatch
public import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Worker processes that decode key frames: the relay itself never does (architecture.md, decision 4).
///
/// A worker that crashes or hangs costs one job, which another worker gets once more, and is started again with growing waits.
///
/// `@unchecked Sendable`: all mutable state is behind `state`; semaphore and reception are thread safe.
public final class DecodePool: PictureDecoder, @unchecked Sendable {
  struct State {
    var schedule: JobSchedule<DecodeJob>
    var nextID: Int64 = 1
    var isOpen = true
    var threads = 0
    var whenStopped: [CheckedContinuation<Void, Never>] = []
  }

  private let settings: DecodePoolSettings
  let state: NIOLockedValueBox<State>
  /// Wakes one idle slot a job.
  let jobAdded = DispatchSemaphore(value: 0)
  let onEvent: @Sendable (WorkerEvent) -> Void

  /// Makes the socket and starts the workers. Throws ``Fault`` when the socket cannot be made; workers that do not start are reported as events.
  public static func start(
    _ settings: DecodePoolSettings, launcher: any WorkerLauncher = ProcessLauncher(),
    onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
  ) throws(Fault) -> DecodePool {
    let reception = try WorkerReception(path: settings.socketPath)
    let pool = DecodePool(settings, onEvent)
    let slot = WorkerSlot(settings: settings, launcher: launcher, reception: reception)
    for index in 0..<max(1, settings.workers) {
      pool.state.withLockedValue { $0.threads += 1 }
      let started = OwnThread.start("ff-worker-\(index)") {
        slot.run(pool)
        pool.threadEnded()
      }
      if !started { pool.threadEnded() }
    }
    return pool
  }

  private init(_ settings: DecodePoolSettings, _ onEvent: @escaping @Sendable (WorkerEvent) -> Void) {
    self.settings = settings
    self.onEvent = onEvent
    state = NIOLockedValueBox(
      State(
        schedule: JobSchedule(
          workers: settings.workers, urgentLimit: settings.queueLimit, backgroundLimit: settings.backgroundLimit)))
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
          guard let (answered, result) = read(answer), answered == id else { return false }
          continuation.resume(returning: .success(result))
          return true
        }, fail: { continuation.resume(returning: .failure($0)) })
      if let refusal = add(job) { job.fail(refusal) } else { jobAdded.signal() }
    }
    return try outcome.get()
  }

  private func add(_ job: DecodeJob) -> Fault? {
    state.withLockedValue { state in
      guard state.isOpen else { return Fault(.workerDied, "the pool is closed") }
      let timeout = job.isBackground ? settings.backgroundTimeout : settings.queueTimeout
      let isIn = state.schedule.add(job, isBackground: job.isBackground, deadline: .now + timeout)
      return isIn ? nil : Fault(.workerBusy, "\(job.isBackground ? settings.backgroundLimit : settings.queueLimit) jobs wait")
    }
  }

  /// The same for those who want a picture or nothing: a result that is not `ok` is thrown as `.decodeFailed`.
  public func decode(_ unit: AccessUnit, of track: Track) async throws -> DecodedPicture {
    let result = try await probe(unit, track: track)
    guard result.ok else { throw Fault(.decodeFailed, "\(unit.id): \(result.reason)") }
    return result.picture
  }

  /// A picture of a stream without key frames, decoded from a recovery point on.
  public func decode(run units: [AccessUnit], of track: Track) async throws -> DecodedPicture {
    guard track.codec.isVideo, let last = units.last, let request = DecodeRequest(id: 0, run: units, track: track), units.count <= UnitList.most
    else {
      throw Fault(.decodeFailed, "not a picture: \(track.codec.rawValue)")
    }
    let result = try await run(isBackground: false, read: DecodeResult.read) { id in
      var request = request
      request.id = id
      return request.frame
    }
    guard result.ok else { throw Fault(.decodeFailed, "\(last.id): \(result.reason)") }
    return result.picture
  }

  /// Ends the workers and the jobs that wait. Returns when every worker process is gone.
  public func stop() async {
    let left = state.withLockedValue { state in
      state.isOpen = false
      return state.schedule.removeAll()
    }
    for job in left { job.fail(Fault(.workerDied, "the pool is closed")) }
    for _ in 0..<max(1, settings.workers) { jobAdded.signal() }
    await withCheckedContinuation { continuation in
      let alreadyStopped = state.withLockedValue { state in
        if state.threads > 0 { state.whenStopped.append(continuation) }
        return state.threads == 0
      }
      if alreadyStopped { continuation.resume() }
    }
  }

  /// Jobs that no worker has yet.
  var waitingJobs: Int { state.withLockedValue { $0.schedule.waiting } }

  private func threadEnded() {
    let waiting = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
      state.threads -= 1
      guard state.threads == 0 else { return [] }
      defer { state.whenStopped.removeAll() }
      return state.whenStopped
    }
    for continuation in waiting { continuation.resume() }
  }
}

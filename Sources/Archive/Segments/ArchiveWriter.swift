internal import Dispatch
internal import Journal
internal import Logging
internal import Model
internal import Synchronization

/// The archive's disk thread: once a second it writes what the muxers gave, makes whole segments durable in one round, enters them into the index in one
/// transaction, and only then records them as facts.
///
/// `@unchecked Sendable`: everything mutable is touched on ``queue`` alone.
final class ArchiveWriter: @unchecked Sendable {
  let queue = DispatchQueue(label: "archive.disk")
  private let context: ArchiveContext
  private let index: ArchiveIndex
  private let heads: HeadLog?
  private let pool: SpoolPool
  private var writers: [String: StreamSegmentWriter] = [:]
  private var recordings: [StreamRecording] = []
  private var waitingGaps: [ArchiveGap] = []
  private var guardState = DiskGuard()
  private var timer: (any DispatchSourceTimer)?
  private var nextHead: BootTime
  private var isDead = false
  /// Why nothing can be written now; nil while it can.
  let trouble = Mutex<Fault?>(nil)

  init(context: ArchiveContext, index: ArchiveIndex, heads: HeadLog?, pool: SpoolPool) {
    self.context = context
    self.index = index
    self.heads = heads
    self.pool = pool
    nextHead = context.clock.bootTime() + context.settings.headInterval
  }

  // MARK: From any thread

  func add(_ recording: StreamRecording) { queue.async { self.recordings.append(recording) } }

  /// Records gaps as facts, and enters them into the index with the next round.
  func add(_ gaps: [ArchiveGap]) {
    guard !gaps.isEmpty else { return }
    for gap in gaps { context.record(gap) }
    queue.async { self.waitingGaps.append(contentsOf: gaps) }
  }

  func start() {
    queue.async { [self] in
      let source = DispatchSource.makeTimerSource(queue: queue)
      let interval = Int(clamping: context.settings.batchInterval.value)
      source.schedule(deadline: .now() + .nanoseconds(interval), repeating: .nanoseconds(interval), leeway: .nanoseconds(interval / 10))
      source.setEventHandler { [weak self] in self?.round() }
      source.resume()
      timer = source
    }
  }

  /// Writes until every stream is done, or the store refuses `attempts` rounds; signs the heads.
  func finish(attempts: Int) async {
    for _ in 0..<max(1, attempts) {
      let isDone = await onQueue { writer in
        writer.round()
        return writer.isIdle
      }
      if isDone { break }
    }
    await onQueue { writer in
      writer.timer?.cancel()
      writer.signHeads()
      writer.isDead = true
    }
  }

  /// Closes the index.
  func close() async { await onQueue { $0.index.close() } }

  /// As a killed process would: nothing more is written.
  func abandon() {
    queue.sync {
      timer?.cancel()
      isDead = true
    }
  }

  /// One round now.
  func work() async { await onQueue { $0.round() } }

  private func onQueue<T: Sendable>(_ body: @escaping @Sendable (ArchiveWriter) -> T) async -> T {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body(self)) } }
  }

  private var isIdle: Bool { waitingGaps.isEmpty && recordings.allSatisfy { $0.isIdle && writers[$0.id]?.isIdle != false } }

  // MARK: A round

  private func round() {
    guard !isDead else { return }
    checkSpace()
    var faults: [Fault] = []
    do throws(Fault) { try makeWriters() } catch { faults.append(error) }
    for recording in recordings {
      do throws(Fault) {
        try writers[recording.id]?.work(mayOpen: guardState.mayWrite)
        // A pause is no failure of a stream's own round, and all the same nothing of it is recorded.
        let pausing = guardState.pausing
        recording.note { $0.fault = pausing }
      } catch {
        faults.append(error)
        recording.note { $0.fault = error }
      }
    }
    do throws(Fault) { try acknowledge() } catch { faults.append(error) }
    record(guardState.report(faults))
    trouble.withLock { $0 = guardState.fault }
    releaseSpools()
    if context.clock.bootTime() >= nextHead { signHeads() }
  }

  private func checkSpace() {
    guard let free = context.store.freePermille() else { return }
    let settings = context.settings
    let reserve = DiskGuard.reserve(settings.reservePermille, bytes: settings.reserveBytes, of: context.store.capacity())
    record(guardState.space(free, reserve: reserve, warn: max(settings.warnPermille, reserve)))
  }

  private func record(_ change: DiskGuard.Change?) {
    switch change {
    case .fault(let fault):
      context.logger.error("archive: \(fault)")
      context.facts.record(FactKind.archiveFault, ["reason": fault.json])
    case .resumed(let fault):
      context.logger.notice("archive: writing again after \(fault.code.rawValue)")
      context.facts.record(FactKind.archiveResumed, ["reason": fault.json])
    case .warning(let free):
      context.facts.record(FactKind.archiveFault, ["reason": Fault(.diskFull, "free: \(free) ‰").json, "warning": true])
    case nil: break
    }
  }

  /// A stream is in the index before its first segment is in the store: a folder's name alone does not say whose it is.
  private func makeWriters() throws(Fault) {
    let fresh = recordings.filter { writers[$0.id] == nil && $0.first != nil }
    guard !fresh.isEmpty else { return }
    try index.register(fresh.map(\.name))
    for recording in fresh {
      writers[recording.id] = StreamSegmentWriter(recording: recording, context: context, chainEnd: try index.chainEnd(recording.id))
    }
  }

  // MARK: Acknowledging

  private func acknowledge() throws(Fault) {
    let working = recordings.compactMap { writers[$0.id] }
    for writer in working { add(writer.drainEndedPauses().map { gap($0, writer.recording) }) }
    var failure: Fault?
    var round = CommitRound(waiting: waitingGaps)
    for writer in working where !writer.closed.isEmpty {
      do throws(Fault) { try makeDurable(writer) } catch { failure = error }
      round.add(Array(writer.closed.prefix { $0.isDurable }), of: writer, context)
    }
    if !round.batch.isEmpty {
      try index.commit(round.batch)
      waitingGaps = []
      round.acknowledge(heads, context)
    }
    if let failure { throw failure }
  }

  private func makeDurable(_ writer: StreamSegmentWriter) throws(Fault) {
    for segment in writer.closed { try segment.commit() }
    try context.store.syncNames(of: writer.recording.id)
    for segment in writer.closed { segment.namesSynced() }
  }

  private func gap(_ ended: WritePauses.Ended, _ recording: StreamRecording) -> ArchiveGap {
    context.gap(recording.name, session: "", from: ended.pause.from, to: ended.to, ended.pause.cause, ended.pause.event)
  }

  // MARK: Spools and heads

  private func releaseSpools() {
    for recording in recordings {
      for chain in recording.chains {
        // The plan first: units that it counts as decided have their notes by then.
        let planned = chain.planned
        let position = writers[recording.id]?.oldest(chain) ?? min(planned, recording.oldestWaiting(chain) ?? planned)
        pool.release(chain.release(before: position))
        guard position == .max else { continue }
        recording.forget(chain)
        chain.finished()
      }
    }
  }

  private func signHeads() {
    nextHead = context.clock.bootTime() + context.settings.headInterval
    guard let heads else { return }
    do throws(Fault) {
      try heads.sign(at: context.clock.reading(), boot: context.clock.bootID)
    } catch { context.logger.error("archive heads: \(error)") }
  }
}

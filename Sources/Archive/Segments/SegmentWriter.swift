internal import Dispatch
internal import Journal
internal import Logging
internal import Model

/// The archive's disk thread: once a second it writes what the muxers gave, makes whole segments durable in one round, enters them into the
/// index in one transaction, and only then tells of them.
///
/// `@unchecked Sendable`: everything mutable is touched on ``queue`` alone.
final class SegmentWriter: @unchecked Sendable {
  let queue = DispatchQueue(label: "archive.disk")
  private let house: ArchiveHouse
  private let index: ArchiveIndex
  private let heads: HeadLog?
  private let depot: SpoolDepot
  private var writers: [String: LaneWriter] = [:]
  private var lanes: [Lane] = []
  private var waitingGaps: [ArchiveGap] = []
  private var guardState = DiskGuard()
  private var timer: (any DispatchSourceTimer)?
  private var nextHead: BootTime
  private var isDead = false

  init(house: ArchiveHouse, index: ArchiveIndex, heads: HeadLog?, depot: SpoolDepot) {
    self.house = house
    self.index = index
    self.heads = heads
    self.depot = depot
    nextHead = house.clock.bootTime() + house.settings.headInterval
  }

  // MARK: From any thread

  func add(_ lane: Lane) { queue.async { self.lanes.append(lane) } }

  func add(_ gaps: [ArchiveGap]) {
    guard !gaps.isEmpty else { return }
    for gap in gaps { house.facts.record(FactKind.archiveGap, gap.fields, at: gap.boot == house.clock.bootID ? gap.to : nil) }
    queue.async { self.waitingGaps.append(contentsOf: gaps) }
  }

  func start() {
    queue.async { [self] in
      let source = DispatchSource.makeTimerSource(queue: queue)
      let interval = Int(clamping: house.settings.batchInterval.value)
      source.schedule(deadline: .now() + .nanoseconds(interval), repeating: .nanoseconds(interval), leeway: .nanoseconds(interval / 10))
      source.setEventHandler { [weak self] in self?.round() }
      source.resume()
      timer = source
    }
  }

  /// Writes until every lane is done, or the disk refuses `attempts` rounds; signs the heads.
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

  private func onQueue<T: Sendable>(_ body: @escaping @Sendable (SegmentWriter) -> T) async -> T {
    await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: body(self)) } }
  }

  private var isIdle: Bool { waitingGaps.isEmpty && lanes.allSatisfy { $0.isIdle && writers[$0.id]?.isIdle != false } }

  // MARK: A round

  private func round() {
    guard !isDead else { return }
    checkSpace()
    var faults: [Fault] = []
    do throws(Fault) { try makeWriters() } catch { faults.append(error) }
    for lane in lanes {
      do throws(Fault) {
        try writers[lane.id]?.work(mayOpen: guardState.mayWrite)
        lane.note { $0.fault = nil }
      } catch {
        faults.append(error)
        lane.note { $0.fault = error }
      }
    }
    do throws(Fault) { try acknowledge() } catch { faults.append(error) }
    tell(guardState.report(faults))
    releaseSpools()
    if house.clock.bootTime() >= nextHead { signHeads() }
  }

  private func checkSpace() {
    guard let free = house.disk.freePermille(house.folder) else { return }
    let settings = house.settings
    tell(guardState.space(free, reserve: settings.reservePermille, warn: settings.warnPermille))
  }

  private func tell(_ news: DiskGuard.News?) {
    switch news {
    case .fault(let fault):
      house.logger.error("archive: \(fault)")
      house.facts.record(FactKind.archiveFault, ["reason": fault.json])
    case .resumed(let fault):
      house.logger.notice("archive: writing again after \(fault.code.rawValue)")
      house.facts.record(FactKind.archiveResumed, ["reason": fault.json])
    case .warning(let free):
      house.facts.record(FactKind.archiveFault, ["reason": Fault(.diskFull, "free: \(free) ‰").json, "warning": true])
    case nil: break
    }
  }

  /// A stream is in the index before its first file is on the disk: a folder's name alone does not tell whose it is.
  private func makeWriters() throws(Fault) {
    let fresh = lanes.filter { writers[$0.id] == nil && $0.first != nil }
    guard !fresh.isEmpty else { return }
    try index.register(fresh.map(\.name))
    for lane in fresh { writers[lane.id] = LaneWriter(lane: lane, house: house, chainEnd: try index.chainEnd(lane.id)) }
  }

  // MARK: Acknowledging

  private func acknowledge() throws(Fault) {
    let working = lanes.compactMap { writers[$0.id] }
    for writer in working { for (gap, end) in writer.takeLooseGaps() { add([found(gap, end, writer.lane, "", house.clock.bootID)]) } }
    var failure: Fault?
    var ready: [(writer: LaneWriter, segments: [ClosedSegment])] = []
    for writer in working where !writer.closed.isEmpty {
      do throws(Fault) {
        for segment in writer.closed { try segment.settle(house.disk) }
        try house.disk.syncFolder(writer.folderPath)
        for segment in writer.closed { segment.folderSynced() }
      } catch { failure = error }
      let durable = Array(writer.closed.prefix { $0.isDurable })
      if !durable.isEmpty { ready.append((writer, durable)) }
    }
    try commit(ready)
    if let failure { throw failure }
  }

  private func commit(_ ready: [(writer: LaneWriter, segments: [ClosedSegment])]) throws(Fault) {
    var batch = ArchiveIndex.Batch()
    batch.gaps = waitingGaps
    var ends: [(writer: LaneWriter, count: Int, hash: String)] = []
    var fresh: [ArchiveGap] = []
    for (writer, segments) in ready {
      var hash = writer.chainHash
      for segment in segments {
        let record = writer.chained(segment, after: hash)
        hash = record.hash
        batch.segments.append((record, segment.stats.cut))
        if let gap = segment.gap { fresh.append(found(gap, record.start, writer.lane, record.session, record.boot)) }
      }
      ends.append((writer, segments.count, hash))
    }
    batch.gaps += fresh
    guard !batch.isEmpty else { return }
    try index.commit(batch)
    waitingGaps = []
    for gap in fresh { house.facts.record(FactKind.archiveGap, gap.fields, at: gap.boot == house.clock.bootID ? gap.to : nil) }
    for (writer, count, hash) in ends {
      for segment in writer.closed.prefix(count) {
        segment.chain.noteCommitted(segment.stats.units)
        writer.lane.note {
          $0.recordedUnits += segment.stats.units
          $0.recordedBytes += segment.stats.payloadBytes
        }
      }
      writer.acknowledged(count, hash: hash)
      heads?.advanced(writer.lane.id, sequence: writer.chainSequence, hash: hash)
    }
    for (record, _) in batch.segments {
      var fields = record.fields
      fields["hash"] = .string(record.hash)
      house.facts.record(FactKind.segmentCommitted, fields, at: record.boot == house.clock.bootID ? record.end : nil)
    }
  }

  private func found(_ gap: OpenSegment.Gap, _ to: BootTime, _ lane: Lane, _ session: String, _ boot: String) -> ArchiveGap {
    ArchiveGap(
      stream: lane.name, session: session, boot: boot, from: gap.from, to: to, fromWall: house.wall(gap.from), toWall: house.wall(to),
      cause: gap.cause, event: gap.event)
  }

  // MARK: Spools and heads

  private func releaseSpools() {
    for lane in lanes {
      for chain in lane.chains {
        // The plan first: units that it counts as decided have their notes by then.
        let planned = chain.planned
        let position = writers[lane.id]?.oldest(chain) ?? min(planned, lane.oldestWaiting(chain) ?? planned)
        depot.giveBack(chain.release(before: position))
        guard position == .max else { continue }
        lane.forget(chain)
        chain.finished()
      }
    }
  }

  private func signHeads() {
    nextHead = house.clock.bootTime() + house.settings.headInterval
    guard let heads else { return }
    do throws(Fault) {
      try heads.sign(at: house.clock.reading(), boot: house.clock.bootID)
    } catch { house.logger.error("archive heads: \(error)") }
  }
}

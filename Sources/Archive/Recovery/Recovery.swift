internal import Dispatch
internal import Logging
internal import Model
internal import Pipelines

/// Brings a killed relay's footage into the archive, beside the live streams: a stream's new segments wait until its old ones are written.
///
/// What recovers what: the spool holds every unit from the first one that is in no committed segment, so it alone makes the recovered segment, from the
/// open segment's own first key frame to the last unit that was received. The `.part` file is then removed. Only where the spool is gone (a power cut with
/// the spool in memory) is the readable prefix of the `.part` file kept instead.
///
/// `@unchecked Sendable`: `runs` is touched on ``queue`` alone.
final class Recovery: @unchecked Sendable {
  let queue = DispatchQueue(label: "archive.recovery")
  private let context: ArchiveContext
  private let index: ArchiveIndex
  private let pool: SpoolPool
  private let feeder: Feeder
  /// Runs of spools that were found at the start, by their stream's id.
  private var runs: [String: [SpoolFinder.Run]]
  private let reconciliation: Reconciliation

  /// - Parameter staleCuts: runs that the index still knows although their spools are gone.
  init(context: ArchiveContext, index: ArchiveIndex, pool: SpoolPool, feeder: Feeder, found: SpoolFinder, staleCuts: Set<String>) {
    self.context = context
    self.index = index
    self.pool = pool
    self.feeder = feeder
    runs = Dictionary(grouping: found.runs) { $0.header.id }
    reconciliation = Reconciliation(context: context, index: index, staleCuts: staleCuts)
  }

  /// Writes what is left of a stream, then lets its live segments follow. Every recording passes through here once.
  func prepare(_ recording: StreamRecording) {
    recording.beginRecovery()
    queue.async { [self] in
      do throws(Fault) { try recover(recording) } catch { report(error, recording) }
      recording.endRecovery()
    }
  }

  /// Compares the whole archive with its index, beside everything else.
  /// - Parameter open: makes a stream's recording, and so recovers it, if nobody has yet.
  func reconcile(_ open: @escaping @Sendable (StreamName) -> Void) { queue.async { [self] in reconciliation.run(open) } }

  /// Completes when everything that was asked for so far is with the disk's thread.
  func settle() async { await withCheckedContinuation { continuation in queue.async { continuation.resume() } } }

  private func report(_ fault: Fault, _ recording: StreamRecording) {
    context.logger.error("recovery of \(recording.name): \(fault)")
    context.facts.record(FactKind.archiveFault, ["stream": .string(recording.name.path), "reason": fault.json])
  }

  private func recover(_ recording: StreamRecording) throws(Fault) {
    let mine = runs.removeValue(forKey: recording.id) ?? []
    let left = try Leftovers.find(context.store, recording.id, after: try index.chainEnd(recording.id).sequence)
    let kept = try Leftovers.setAside(left, context.store)
    var hasUnits = false
    for (at, run) in mine.enumerated() {
      do throws(Fault) {
        // The leftovers belong to the newest run.
        if try replay(run, recording, superseding: at == mine.count - 1 ? kept : []) { hasUnits = true }
      } catch { report(error, recording) }
    }
    if !hasUnits { for file in kept { try adopt(file, recording) } }
  }

  // MARK: From the spool

  /// Feeds the uncommitted units of one run to a muxer. False when there were none.
  private func replay(_ run: SpoolFinder.Run, _ recording: StreamRecording, superseding kept: [Leftovers.Kept]) throws(Fault) -> Bool {
    var files: [SpoolFile] = []
    for path in run.paths { if let file = try SpoolFile(opening: path) { files.append(file) } }
    let chain = SpoolChain(run: run.header.run)
    pool.adopt(files.count)
    for file in files { chain.seal(file, last: .max) }
    guard let contents = SpoolReader.read(files.map(\.bytes)) else {
      chain.plan(upTo: .max)
      recording.keep(chain)
      return false
    }
    let replay = SpoolReplay(contents, committed: try index.cut(stream: recording.id, run: run.header.run))
    recording.keep(chain)
    if replay.units > 0, !kept.isEmpty { drop(kept, units: replay.units, when: chain, recording) }
    let origin = TapRun.Origin(boot: run.header.boot, reading: run.header.reading, isRecovered: true)
    let driver = TapDriver(context: context, recording: recording, chain: chain, origin: origin, plan: TapPlan(startsAnywhere: true))
    driver.feed(replay.items)
    if let last = replay.lastArrival, !replay.hasEnded { noteAbsence(run.header, recording, since: last) }
    if replay.units > 0, !driver.hasFailed { recordRecovery(recording, units: replay.units, from: "spool", hole: contents.hasHole) }
    return replay.units > 0
  }

  private func recordRecovery(_ recording: StreamRecording, units: Int, from source: String, hole: Bool) {
    context.facts.record(
      FactKind.archiveRecovered,
      ["stream": .string(recording.name.path), "units": .int(Int64(units)), "from": .string(source), "hole": .bool(hole)])
  }

  /// Removes the cut files once their units are acknowledged anew; else they stay in quarantine.
  private func drop(_ kept: [Leftovers.Kept], units: Int, when chain: SpoolChain, _ recording: StreamRecording) {
    let (logger, store) = (context.logger, context.store)
    chain.whenFinished { [weak chain] in
      guard let chain, chain.committed >= Int64(units) else {
        return logger.warning("archive: \(recording.name): fewer units recovered than spooled; the cut file stays in quarantine")
      }
      for file in kept { try? store.remove(file.file.path) }
    }
  }

  /// The relay's own absence is a gap: until the publisher returns when this is the same boot, else until now by the wall clock.
  private func noteAbsence(_ header: SpoolHeader, _ recording: StreamRecording, since last: BootTime) {
    if header.boot == context.clock.bootID { return feeder.expect(recording, lastArrival: last) }
    let now = context.clock.wallTime()
    let fromWall = ArchiveContext.wall(last, by: header.reading)
    let away = Nanoseconds(max(0, now.nanoseconds &- fromWall.nanoseconds))
    feeder.report(
      ArchiveGap(
        stream: recording.name, session: "", boot: header.boot, from: last, to: last + away, fromWall: fromWall, toWall: now, cause: .recorder,
        event: .relayRestarted))
  }

  // MARK: From a cut file

  private func adopt(_ kept: Leftovers.Kept, _ recording: StreamRecording) throws(Fault) {
    let reading = context.clock.reading()
    guard let bytes = try context.store.readWhole(kept.file.path),
      let prefix = Leftovers.readPrefix(bytes, modified: kept.file.modified, now: reading)
    else {
      let file = kept.origin.hasSuffix(".part") ? String(kept.origin.dropLast(5)) : kept.origin
      return context.facts.record(FactKind.archiveQuarantined, ["file": .string(file), "to": .string(kept.file.path)])
    }
    let chain = SpoolChain(run: UInt64.random(in: 1...UInt64.max), planned: .max)
    let origin = TapRun.Origin(boot: context.clock.bootID, reading: reading, isRecovered: true)
    let (units, store) = (prefix.notes.count, context.store)
    chain.whenFinished { [weak chain] in if let chain, chain.committed >= Int64(units) { try? store.remove(kept.file.path) } }
    recording.keep(chain)
    recording.add(TapRun(prefix, origin: origin, chain: chain))
    if let last = prefix.notes.last {
      recording.add(TapRun(endOf: chain, lastArrival: last.arrival, origin: origin))
      feeder.expect(recording, lastArrival: last.arrival)
    }
    recordRecovery(recording, units: units, from: "part", hole: true)
  }
}

extension TapRun {
  /// A cut file's prefix as if a muxer had just given it, whole.
  fileprivate convenience init(_ prefix: Leftovers.Prefix, origin: Origin, chain: SpoolChain) {
    self.init(tracks: prefix.tracks, anywhere: true, origin: origin, chain: chain, limit: .max)
    note(prefix.notes)
    put(MuxedChunk(bytes: prefix.header, isHeader: true))
    put(
      MuxedChunk(
        bytes: prefix.body, startsCluster: true, startsKeyCluster: prefix.startsWithKey, pts: .zero, unitCount: prefix.notes.count))
    end()
  }
}

internal import Dispatch
internal import Glibc
internal import Logging
internal import Model
internal import NIOCore
internal import Pipelines
internal import Synchronization

/// Brings a killed relay's footage into the archive, beside the live streams: a stream's new segments wait until its old ones are written.
///
/// What recovers what: the spool holds every unit from the first one that is in no committed segment, so it alone makes the recovered segment,
/// from the open segment's own first key frame to the last unit that was received. The `.part` file is then removed. Only where the spool is gone
/// (a power cut with the spool in memory) is the readable prefix of the `.part` file kept instead.
///
/// `@unchecked Sendable`: `runs` is touched on ``queue`` alone.
final class Recovery: @unchecked Sendable {
  let queue = DispatchQueue(label: "archive.recovery")
  private let context: ArchiveContext
  private let index: ArchiveIndex
  private let pool: SpoolPool
  private let feeder: Feeder
  private var runs: [String: [SpoolFinder.Run]]
  /// Runs that the index still knew at the start although their spools were gone.
  private let staleCuts: Set<String>

  init(context: ArchiveContext, index: ArchiveIndex, pool: SpoolPool, feeder: Feeder, found: SpoolFinder, staleCuts: Set<String>) {
    self.context = context
    self.index = index
    self.pool = pool
    self.feeder = feeder
    runs = Dictionary(grouping: found.runs) { $0.header.id }
    self.staleCuts = staleCuts
  }

  /// Writes what is left of a stream, then lets its live segments follow. Every recording passes through here once.
  func prepare(_ recording: StreamRecording) {
    recording.beginRecovery()
    queue.async { [self] in
      do throws(Fault) { try recover(recording) } catch { report(error, recording) }
      recording.endRecovery()
    }
  }

  /// Completes when everything that was asked for so far is with the disk's thread.
  func settle() async { await withCheckedContinuation { continuation in queue.async { continuation.resume() } } }

  private func report(_ fault: Fault, _ recording: StreamRecording) {
    context.logger.error("recovery of \(recording.name): \(fault)")
    context.facts.record(FactKind.archiveFault, ["stream": .string(recording.name.path), "reason": fault.json])
  }

  private func recover(_ recording: StreamRecording) throws(Fault) {
    let mine = runs.removeValue(forKey: recording.id) ?? []
    let folder = context.folder + "/" + recording.id
    let left = Leftovers.find(folder, after: try index.chainEnd(recording.id).sequence)
    var kept: [Leftovers.File] = []
    for file in left {
      var moved = file
      moved.path = try Quarantine(context).move(file.path, recording.id, silent: true)
      kept.append(moved)
    }
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
  private func replay(_ run: SpoolFinder.Run, _ recording: StreamRecording, superseding kept: [Leftovers.File]) throws(Fault) -> Bool {
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
    let cut = try index.cut(stream: recording.id, run: run.header.run)
    var items = contents.items.filter { item in if case .unit(let unit) = item { !cut.isCommitted(unit) } else { true } }
    let units = items.reduce(0) { count, item in if case .unit = item { count + 1 } else { count } }
    let last = contents.items.reversed().lazy.compactMap { item in if case .unit(let unit) = item { unit.unit.arrival } else { nil } }.first
    let hasEnded = contents.items.contains { item in if case .ended = item { true } else { false } }
    if !hasEnded { items.append(.ended(last ?? run.header.reading.boot)) }
    recording.keep(chain)
    if units > 0, !kept.isEmpty { drop(kept, units: units, when: chain, recording) }
    let origin = TapRun.Origin(boot: run.header.boot, reading: run.header.reading, isRecovered: true)
    let driver = TapDriver(context: context, recording: recording, chain: chain, origin: origin, plan: TapPlan(startsAnywhere: true))
    driver.feed(items)
    if let last, !hasEnded { noteAbsence(run.header, recording, since: last) }
    if units > 0, !driver.hasFailed {
      context.facts.record(
        FactKind.archiveRecovered,
        ["stream": .string(recording.name.path), "units": .int(Int64(units)), "from": "spool", "hole": .bool(contents.hasHole)])
    }
    return units > 0
  }

  /// Removes the cut files once their units are acknowledged anew; else they stay in quarantine.
  private func drop(_ kept: [Leftovers.File], units: Int, when chain: SpoolChain, _ recording: StreamRecording) {
    let logger = context.logger
    chain.whenFinished { [weak chain] in
      guard let chain, chain.committed >= Int64(units) else {
        return logger.warning("archive: \(recording.name): fewer units recovered than spooled; the cut file stays in quarantine")
      }
      for file in kept { unlink(file.path) }
    }
  }

  /// The relay's own absence is a gap: until the publisher returns when this is the same boot, else until now by the wall clock.
  private func noteAbsence(_ header: SpoolReader.Header, _ recording: StreamRecording, since last: BootTime) {
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

  private func adopt(_ file: Leftovers.File, _ recording: StreamRecording) throws(Fault) {
    guard let prefix = try Leftovers.readPrefix(file, now: context.clock.reading()) else {
      context.facts.record(
        FactKind.archiveQuarantined, ["file": .string(recording.id + "/" + ArchiveFiles.segment(file.sequence)), "to": .string(file.path)])
      return
    }
    let chain = SpoolChain(run: UInt64.random(in: 1...UInt64.max), planned: .max)
    let origin = TapRun.Origin(boot: context.clock.bootID, reading: context.clock.reading(), isRecovered: true)
    let run = TapRun(tracks: prefix.tracks, anywhere: true, origin: origin, chain: chain, limit: .max)
    run.note(prefix.notes)
    run.put(MuxedChunk(bytes: prefix.header, isHeader: true))
    run.put(
      MuxedChunk(bytes: prefix.body, startsCluster: true, startsKeyCluster: prefix.startsWithKey, pts: .zero, unitCount: prefix.notes.count)
    )
    run.end()
    let units = Int64(prefix.notes.count)
    chain.whenFinished { [weak chain] in if let chain, chain.committed >= units { unlink(file.path) } }
    recording.keep(chain)
    recording.add(run)
    if let last = prefix.notes.last {
      recording.add(TapRun(endOf: chain, lastArrival: last.arrival, origin: origin))
      feeder.expect(recording, lastArrival: last.arrival)
    }
    context.facts.record(
      FactKind.archiveRecovered, ["stream": .string(recording.name.path), "units": .int(units), "from": "part", "hole": true])
  }

  // MARK: The whole archive

  /// Compares folders and index, quietly, beside everything else: unknown files go to quarantine, missing ones are told, streams that only have a
  /// cut file are recovered.
  /// - Parameter recording: the recording of a stream; makes it (and so recovers it) if nobody has yet.
  func reconcile(_ recording: @escaping @Sendable (StreamName) -> Void) {
    queue.async { [self] in
      do throws(Fault) { try reconcileNow(recording) } catch {
        context.logger.error("archive: \(error)")
        context.facts.record(FactKind.archiveFault, ["reason": error.json])
      }
    }
  }

  private func reconcileNow(_ recording: (StreamName) -> Void) throws(Fault) {
    try index.forgetCuts(staleCuts)
    let streams = try index.streams()
    for name in try Disk.entries(context.folder) where !ArchiveFiles.own.contains(name) {
      guard ArchiveFiles.isID(name), let stream = streams[name] else {
        try Quarantine(context).move(context.folder + "/" + name, "archive")
        continue
      }
      try reconcile(name, stream, recording)
    }
  }

  private func reconcile(_ id: String, _ stream: StreamName, _ recording: (StreamName) -> Void) throws(Fault) {
    let folder = context.folder + "/" + id
    let there = try Disk.entries(folder)
    // Read after the listing: what was renamed before it is in the index by now, or is newer than its end.
    let known = try index.files(id)
    let last = try index.chainEnd(id).sequence
    var hasLeftover = false
    for name in there where !known.contains(name) {
      if let found = ArchiveFiles.sequence(name), found.number > last {
        hasLeftover = true
      } else {
        try Quarantine(context).moveIfPresent(folder + "/" + name, id)
      }
    }
    let missing = known.subtracting(there)
    if !missing.isEmpty {
      let some = missing.sorted().prefix(20).map { JSON.string(id + "/" + $0) }
      let fault = Fault(.segmentMissing, "\(stream): \(missing.count)")
      context.logger.error("archive: \(fault)")
      context.facts.record(
        FactKind.archiveFault,
        ["stream": .string(stream.path), "reason": fault.json, "missing": .int(Int64(missing.count)), "files": .array(Array(some))])
    }
    if hasLeftover { recording(stream) }
  }
}

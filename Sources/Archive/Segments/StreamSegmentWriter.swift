internal import Glibc
internal import Logging
internal import Model
internal import NIOCore
internal import Pipelines

/// Writes one stream's container bytes into segments, on the disk's thread.
final class StreamSegmentWriter {
  let recording: StreamRecording
  private let context: ArchiveContext
  private let folder: String
  private var cutter: SegmentCutter
  private var walker = MatroskaWalker()
  private var header = ByteBuffer()
  private var current: TapRun?
  /// TrackNumber → index of our track.
  private var trackOf: [UInt64: UInt8] = [:]
  /// Units that went into the muxer and whose blocks have not come out, by track.
  private var notes: [UInt8: NoteQueue] = [:]
  private var sessions: [String] = []
  private var open: OpenSegment?
  private(set) var closed: [ClosedSegment] = []
  private var hasFolder = false
  /// The last number given to a file, and the end of the acknowledged chain.
  private var lastSequence: Int64
  private(set) var chainHash: String
  private(set) var chainSequence: Int64
  /// Set while nothing is written although units come.
  private var lost: OpenSegment.Gap?
  private var loose: [(gap: OpenSegment.Gap, to: BootTime)] = []
  private var lastArrival: BootTime?
  /// What closing a segment met, until the round is over.
  private var refusal: Fault?
  private(set) var strangeBlocks = 0

  init(recording: StreamRecording, context: ArchiveContext, chainEnd: (sequence: Int64, hash: String)) {
    self.recording = recording
    self.context = context
    folder = context.folder + "/" + recording.id
    cutter = SegmentCutter(target: context.settings.segmentDuration, longest: context.settings.longestSegment)
    lastSequence = chainEnd.sequence
    chainSequence = chainEnd.sequence
    chainHash = chainEnd.hash
  }

  deinit { if let open { Glibc.close(open.file) } }

  /// Takes what the muxers gave since the last round. Throws the fault that stopped it from being written; it goes on by itself.
  /// - Parameter mayOpen: false while the disk's reserve is reached.
  func work(mayOpen: Bool) throws(Fault) {
    var fault: Fault?
    while let run = recording.first {
      if run !== current { begin(run) }
      let output = run.drain()
      add(output.notes)
      sessions = output.sessions
      if isHolding {
        do throws(Fault) { try hold(output.chunks, run, mayOpen: mayOpen) } catch {
          fault = error
          break
        }
      } else {
        for chunk in output.chunks {
          do throws(Fault) { try accept(chunk, run, mayOpen: mayOpen) } catch { fault = error }
        }
      }
      guard output.isEnded else { break }
      end(run, output.fault)
      recording.removeFirst()
      current = nil
    }
    if !mayOpen, open != nil, !isHolding { closeOpen(lost: .disk, .diskRefused) }
    do throws(Fault) { try flush() } catch { fault = error }
    defer { refusal = nil }
    if let fault = fault ?? refusal { throw fault }
  }

  /// What a killed relay left has no publisher who sends it again: the spool keeps it until the disk takes it, and live units wait behind it.
  private var isHolding: Bool { current?.origin.isRecovered == true }

  private func hold(_ chunks: [MuxedChunk], _ run: TapRun, mayOpen: Bool) throws(Fault) {
    for (at, chunk) in chunks.enumerated() {
      do throws(Fault) { try accept(chunk, run, mayOpen: mayOpen) } catch {
        run.putBack(Array(chunks[at...]))
        throw error
      }
    }
    try flush()
  }

  // MARK: Muxers

  private func begin(_ run: TapRun) {
    current = run
    walker = MatroskaWalker()
    header.clear()
    notes = [:]
    trackOf = [:]
  }

  private func end(_ run: TapRun, _ fault: Fault?) {
    if open != nil { closeOpen() }
    if let end = run.streamEnd {
      if let gap = lost, gap.from < end { loose.append((gap, end)) }
      lost = nil
      lastArrival = nil
    } else if fault != nil, lost == nil, let lastArrival {
      lost = (lastArrival, .recorder, .muxerFailed)
    }
  }

  /// Gaps that no segment followed, since the last call: the stream ended while nothing could be written.
  func drainLooseGaps() -> [(gap: OpenSegment.Gap, to: BootTime)] {
    defer { loose = [] }
    return loose
  }

  private func add(_ fresh: [UnitNote]) { for note in fresh { notes[note.track, default: NoteQueue()].append(note) } }

  private func accept(_ chunk: MuxedChunk, _ run: TapRun, mayOpen: Bool) throws(Fault) {
    switch cutter.decide(chunk, anywhere: run.beginsAnywhere) {
    case .header:
      if isHolding { try flush() }
      if open != nil { closeOpen() }
      header = chunk.bytes
      walk(chunk.bytes, into: false)
      mapTracks(run)
      return
    case .begin:
      if isHolding { try flush() }
      if open != nil { closeOpen() }
      guard mayOpen else {
        if isHolding { throw Fault(.diskFull, folder) }
        pause()
        return walk(chunk.bytes, into: false)
      }
      do throws(Fault) { try begin(chunk, run) } catch {
        if isHolding { throw error }
        pause()
        walk(chunk.bytes, into: false)
        throw error
      }
    case .append: break
    case .discard: return walk(chunk.bytes, into: false)
    }
    open?.stage(chunk.bytes)
    walk(chunk.bytes, into: true)
  }

  /// Counts the bytes' blocks off against the units that went in.
  private func walk(_ bytes: ByteBuffer, into segment: Bool) {
    bytes.withUnsafeReadableBytes { raw in
      walker.feed(raw) { block in
        guard let track = trackOf[block.track], let note = notes[track]?.popFirst() else {
          if strangeBlocks == 0 { context.logger.error("archive: \(recording.name): the muxer gave a block that no unit went in for") }
          strangeBlocks += 1
          return
        }
        if segment { open?.add(note, payload: block.payload) }
      }
    }
  }

  private func mapTracks(_ run: TapRun) {
    trackOf = [:]
    for isVideo in [true, false] {
      let ours = run.tracks.filter { $0.codec.isVideo == isVideo }
      let theirs = walker.tracks.filter { $0.isVideo == isVideo }
      for (mine, number) in zip(ours, theirs.map(\.number)) { trackOf[number] = mine.index }
    }
  }

  // MARK: Segments

  private func begin(_ chunk: MuxedChunk, _ run: TapRun) throws(Fault) {
    if !hasFolder {
      try Disk.makeFolder(folder)
      hasFolder = true
    }
    // Nothing of ours can lie there: recovery has looked. Whatever does is kept.
    let quarantine = Quarantine(context)
    for name in [ArchiveFiles.part(lastSequence + 1), ArchiveFiles.segment(lastSequence + 1)] {
      try quarantine.moveIfPresent(folder + "/" + name, recording.id)
    }
    let session = notes.values.compactMap(\.first).min { $0.position < $1.position }.map(\.session) ?? 0
    var fresh = try OpenSegment(
      sequence: lastSequence + 1, folder: folder, session: sessions.indices.contains(Int(session)) ? sessions[Int(session)] : "",
      startsWithKey: chunk.startsKeyCluster, run: run.chain.run, disk: context.disk)
    lastSequence += 1
    cutter.opened(at: chunk.pts)
    fresh.gap = lost
    fresh.stage(header)
    open = fresh
  }

  /// Nothing can be written from here on: the next segment begins at a key frame, and tells the gap.
  private func pause() {
    cutter.reset()
    if lost == nil, let lastArrival { lost = (lastArrival, .disk, .diskRefused) }
  }

  private func flush() throws(Fault) {
    guard open != nil else { return }
    do throws(Fault) {
      try open?.flush(context.disk, keeping: isHolding)
    } catch {
      if isHolding { throw error }
      closeOpen(lost: .disk, .diskRefused)
      throw error
    }
    // The gap before this segment is over once something of it is on the disk.
    if open?.stats.start != nil { lost = nil }
    if let end = open?.stats.end { lastArrival = max(lastArrival ?? end, end) }
  }

  /// Ends the open segment: what the file holds becomes a segment, an empty one goes.
  private func closeOpen(lost cause: ArchiveGap.Cause? = nil, _ event: ArchiveGap.Event = .diskRefused) {
    var failure = cause
    do throws(Fault) { try open?.flush(context.disk, keeping: false) } catch {
      failure = .disk
      refusal = error
    }
    guard let segment = open else { return }
    open = nil
    if failure != nil { cutter.reset() }
    let stats = segment.stats
    if let end = stats.end { lastArrival = max(lastArrival ?? end, end) }
    if let start = stats.start, let end = stats.end, let run = current {
      lost = nil
      closed.append(close(segment, run, start, end))
    } else {
      Glibc.close(segment.file)
      unlink(segment.path)
      lastSequence = segment.sequence - 1
      lost = lost ?? segment.gap
    }
    if let failure, lost == nil, let lastArrival { lost = (lastArrival, failure, event) }
  }

  private func close(_ segment: OpenSegment, _ run: TapRun, _ start: BootTime, _ end: BootTime) -> ClosedSegment {
    let reading = run.origin.reading ?? context.clock.reading()
    let hasVideo = run.tracks.contains { $0.codec.isVideo }
    let record = SegmentRecord(
      stream: recording.name, id: recording.id, sequence: segment.sequence, session: segment.session,
      file: recording.id + "/" + ArchiveFiles.segment(segment.sequence), boot: run.origin.boot, start: start, end: end,
      startWall: ArchiveContext.wall(start, by: reading), endWall: ArchiveContext.wall(end, by: reading),
      uncertainty: context.settings.wallUncertainty(), frames: hasVideo ? segment.stats.pictures : segment.stats.units,
      units: segment.stats.units,
      bytes: segment.bytes, payloadBytes: segment.stats.payloadBytes, codecs: run.tracks.map(\.codec), startsWithKey: segment.startsWithKey,
      isRecovered: run.origin.isRecovered, sha256: segment.digest, previous: "")
    return ClosedSegment(record: record, stats: segment.stats, chain: run.chain, gap: segment.gap, folder: folder, file: segment.file)
  }

  // MARK: Acknowledging

  /// The record with its place in the chain.
  func chained(_ segment: ClosedSegment, after hash: String) -> SegmentRecord {
    var record = segment.record
    record.previous = hash
    return record
  }

  /// The first `count` closed segments are in the index.
  func acknowledged(_ count: Int, hash: String) {
    guard count > 0, closed.count >= count else { return }
    chainSequence = closed[count - 1].record.sequence
    chainHash = hash
    closed.removeFirst(count)
  }

  var folderPath: String { folder }

  /// The oldest unit of a chain that is in no acknowledged segment: spool files before it can go.
  func oldest(_ chain: SpoolChain) -> UInt64 {
    var found: [UInt64] = [chain.planned]
    found += closed.filter { $0.chain === chain }.compactMap(\.stats.oldest)
    if let current, current.chain === chain {
      if let oldest = open?.oldest { found.append(oldest) }
      found += notes.values.compactMap(\.first?.position)
    }
    if let oldest = recording.oldestWaiting(chain) { found.append(oldest) }
    return found.min() ?? 0
  }

  var isIdle: Bool { open == nil && closed.isEmpty && recording.isIdle }
}

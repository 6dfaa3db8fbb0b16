internal import Logging
internal import Model
internal import NIOCore
internal import Pipelines

/// Writes one stream's container bytes into segments. On the disk's thread alone.
final class StreamSegmentWriter {
  let recording: StreamRecording
  private let context: ArchiveContext
  private var cutter: SegmentCutter
  private var matcher = BlockMatcher()
  private var pauses = WritePauses()
  /// The container's header, which every segment begins with.
  private var header = ByteBuffer()
  /// The muxer whose output is being written.
  private var current: TapRun?
  private var sessions: [String] = []
  private var open: OpenSegment?
  private(set) var closed: [ClosedSegment] = []
  /// The last number given to a segment.
  private var lastSequence: Int64
  /// The end of the acknowledged chain.
  private(set) var chainSequence: Int64
  private(set) var chainHash: String
  /// What closing a segment met, until the round is over.
  private var refusal: Fault?

  init(recording: StreamRecording, context: ArchiveContext, chainEnd: (sequence: Int64, hash: String)) {
    self.recording = recording
    self.context = context
    cutter = SegmentCutter(target: context.settings.segmentDuration, longest: context.settings.longestSegment)
    lastSequence = chainEnd.sequence
    (chainSequence, chainHash) = chainEnd
  }

  /// Writes what the muxers gave since the last round. Throws the fault that kept something from being written; it goes on by itself.
  /// - Parameter mayOpen: false while the store's reserve is reached.
  func work(mayOpen: Bool) throws(Fault) {
    var fault: Fault?
    while let run = recording.first {
      if run !== current { begin(run) }
      let output = run.drain()
      matcher.add(output.notes)
      sessions = output.sessions
      do throws(Fault) { try write(output.chunks, run, mayOpen: mayOpen) } catch {
        fault = error
        if isHolding { break }
      }
      guard output.isEnded else { break }
      end(run, output.fault)
      recording.removeFirst()
      current = nil
    }
    if !mayOpen, open != nil, !isHolding { closeOpen(failure: .disk) }
    do throws(Fault) { try flush() } catch { fault = error }
    defer { refusal = nil }
    if let fault = fault ?? refusal { throw fault }
  }

  /// Whether the muxer's units come from a killed relay. No publisher sends those again: the spool keeps them until the store takes them, and live units
  /// wait behind them.
  private var isHolding: Bool { current?.origin.isRecovered == true }

  /// What a live stream's store refuses is lost and the next chunk is tried; what a recovery's refuses comes again with the next round.
  private func write(_ chunks: [MuxedChunk], _ run: TapRun, mayOpen: Bool) throws(Fault) {
    var fault: Fault?
    for (at, chunk) in chunks.enumerated() {
      do throws(Fault) { try accept(chunk, run, mayOpen: mayOpen) } catch {
        fault = error
        guard isHolding else { continue }
        run.putBack(Array(chunks[at...]))
        throw error
      }
    }
    if isHolding { try flush() }
    if let fault { throw fault }
  }

  // MARK: Muxers

  private func begin(_ run: TapRun) {
    current = run
    matcher = BlockMatcher()
    header.clear()
  }

  private func end(_ run: TapRun, _ fault: Fault?) {
    if open != nil { closeOpen() }
    if let last = run.streamEnd {
      pauses.streamEnded(at: last)
    } else if fault != nil {
      pauses.begin(.recorder, .muxerFailed)
    }
    if matcher.strangeBlocks > 0 {
      context.logger.error("archive: \(recording.name): the muxer gave \(matcher.strangeBlocks) blocks that no unit went in for")
    }
  }

  private func accept(_ chunk: MuxedChunk, _ run: TapRun, mayOpen: Bool) throws(Fault) {
    switch cutter.decide(chunk, anywhere: run.beginsAnywhere) {
    case .header:
      try finishOpen()
      header = chunk.bytes
      return matcher.readHeader(chunk.bytes, tracks: run.tracks)
    case .begin:
      try finishOpen()
      guard try begin(chunk, run, mayOpen: mayOpen) else { return skip(chunk) }
    case .append: break
    case .discard: return skip(chunk)
    }
    open?.stage(chunk.bytes)
    matcher.match(chunk.bytes) { note, payload in open?.add(note, payload: payload) }
  }

  /// Its units are in no segment.
  private func skip(_ chunk: MuxedChunk) { matcher.match(chunk.bytes) { _, _ in } }

  // MARK: Segments

  /// Begins a segment with a chunk; false when none may be opened now.
  private func begin(_ chunk: MuxedChunk, _ run: TapRun, mayOpen: Bool) throws(Fault) -> Bool {
    do throws(Fault) {
      guard mayOpen || !isHolding else { throw Fault(.diskFull, recording.id) }
      if mayOpen { open = try makeSegment(chunk, run) } else { pause(.disk) }
      return mayOpen
    } catch {
      if !isHolding {
        pause(ArchiveGap.Cause(refusedBy: error))
        skip(chunk)
      }
      throw error
    }
  }

  private func makeSegment(_ chunk: MuxedChunk, _ run: TapRun) throws(Fault) -> OpenSegment {
    let name = SegmentName(stream: recording.id, number: lastSequence + 1)
    // Nothing of ours can lie there: recovery has looked. Whatever does is kept.
    for path in [name.openPath, name.path] { try Quarantine(context).moveIfPresent(path) }
    let session = Int(matcher.first?.session ?? 0)
    var segment = OpenSegment(
      sequence: name.number, session: sessions.indices.contains(session) ? sessions[session] : "", startsWithKey: chunk.startsKeyCluster,
      pause: pauses.current, run: run.chain.run,
      file: try context.store.open(name))
    lastSequence += 1
    cutter.opened(at: chunk.pts)
    segment.stage(header)
    return segment
  }

  /// Nothing can be written from here on: the next segment begins at a key frame.
  private func pause(_ cause: ArchiveGap.Cause) {
    cutter.reset()
    pauses.begin(cause, .diskRefused, first: matcher.first?.firstArrival)
  }

  private func flush() throws(Fault) {
    guard open != nil else { return }
    do throws(Fault) { try open?.flush(keeping: isHolding) } catch {
      if !isHolding { closeOpen(failure: ArchiveGap.Cause(refusedBy: error)) }
      throw error
    }
    // The pause before this segment is over once something of it is on the disk.
    if open?.stats.start != nil { pauses.end() }
    if let end = open?.stats.end { pauses.wrote(upTo: end) }
  }

  private func finishOpen() throws(Fault) {
    if isHolding { try flush() }
    if open != nil { closeOpen() }
  }

  /// Ends the open segment: what the file holds becomes a segment, an empty one goes.
  private func closeOpen(failure cause: ArchiveGap.Cause? = nil) {
    var failure = cause
    do throws(Fault) { try open?.flush(keeping: false) } catch {
      failure = ArchiveGap.Cause(refusedBy: error)
      refusal = error
    }
    guard let segment = open else { return }
    open = nil
    if failure != nil { cutter.reset() }
    if let start = segment.stats.start, let end = segment.stats.end, let run = current {
      pauses.wrote(upTo: end)
      pauses.end()
      closed.append(close(segment, run, start, end))
    } else {
      segment.file.discard()
      lastSequence = segment.sequence - 1
      pauses.goOn(segment.pause)
    }
    if let failure { pauses.begin(failure, .diskRefused) }
  }

  private func close(_ segment: OpenSegment, _ run: TapRun, _ start: BootTime, _ end: BootTime) -> ClosedSegment {
    let name = SegmentName(stream: recording.id, number: segment.sequence)
    let reading = run.origin.reading ?? context.clock.reading()
    let hasVideo = run.tracks.contains { $0.codec.isVideo }
    let record = SegmentRecord(
      stream: recording.name, id: recording.id, sequence: name.number, session: segment.session, file: name.path, boot: run.origin.boot,
      start: start, end: end, startWall: ArchiveContext.wall(start, by: reading), endWall: ArchiveContext.wall(end, by: reading),
      uncertainty: context.settings.wallUncertainty(), frames: hasVideo ? segment.stats.pictures : segment.stats.units,
      units: segment.stats.units, bytes: segment.file.bytes, payloadBytes: segment.stats.payloadBytes, codecs: run.tracks.map(\.codec),
      startsWithKey: segment.startsWithKey, isRecovered: run.origin.isRecovered, sha256: segment.file.sha256, previous: "")
    return ClosedSegment(record: record, stats: segment.stats, chain: run.chain, pause: segment.pause, file: segment.file)
  }

  // MARK: Acknowledging

  /// The first `count` closed segments are in the index.
  func acknowledged(_ count: Int, hash: String) {
    guard count > 0, closed.count >= count else { return }
    chainSequence = closed[count - 1].record.sequence
    chainHash = hash
    closed.removeFirst(count)
  }

  /// Pauses that no segment followed, since the last call: the stream ended while nothing could be written.
  func drainEndedPauses() -> [WritePauses.Ended] { pauses.drainEnded() }

  /// The oldest unit of a chain that is in no acknowledged segment: spool files before it can go.
  func oldest(_ chain: SpoolChain) -> UInt64 {
    var found: [UInt64] = [chain.planned]
    found += closed.filter { $0.chain === chain }.compactMap(\.stats.oldest)
    if let current, current.chain === chain { found += [open?.oldest, matcher.first?.position].compactMap { $0 } }
    if let oldest = recording.oldestWaiting(chain) { found.append(oldest) }
    return found.min() ?? 0
  }

  var isIdle: Bool { open == nil && closed.isEmpty && recording.isIdle }
}

public import Hub
public import Journal
public import Logging
public import Model
public import NIOCore
public import Pipelines
internal import Synchronization

/// Records every admitted stream as Matroska segments that survive whatever kills the relay (docs/archive.md).
///
/// Threads, for all streams together: one feeds the muxers, one writes the disk, one recovers after a crash, one makes spool files.
public final class Archive: HubWatcher, Sendable {
  private struct State {
    var recordings: [String: StreamRecording] = [:]
    var recorders: [StreamName: Recorder] = [:]
    var isOpen = false
  }

  private let context: ArchiveContext
  private let loops: any EventLoopGroup
  private let index: ArchiveIndex
  private let pool: SpoolPool
  private let writer: ArchiveWriter
  private let feeder: Feeder
  private let recovery: Recovery
  private let state = Mutex(State())
  private let hub = Mutex<Hub?>(nil)

  /// Opens `DATA/archive` and `DATA/spool`, and begins to recover what a killed relay left; that goes on beside the live streams.
  /// Blocks for as long as opening the index takes: call it from a thread, before the listeners open.
  ///
  /// Throws `.diskFull`, `.diskFailed` or `.archiveBroken`.
  /// - Parameters:
  ///   - loops: the group whose loops the streams live on.
  ///   - makeTap: the muxer; ``Archive/matroska(_:)`` is the real one.
  public static func open(
    dataFolder: String, node: String, settings: ArchiveSettings = ArchiveSettings(), identity: NodeIdentity, clock: any NodeClock,
    facts: any FactSink, loops: any EventLoopGroup, makeTap: @escaping TapMaker, logger: Logger = Logger(label: "firstframe.archive")
  ) throws(Fault) -> Archive {
    let context = ArchiveContext(
      settings: settings, dataFolder: dataFolder, node: node, clock: clock, facts: facts, disk: KernelArchiveDisk(), makeTap: makeTap,
      logger: logger)
    return try Archive(context, identity: identity, loops: loops)
  }

  init(_ context: ArchiveContext, identity: NodeIdentity, loops: any EventLoopGroup) throws(Fault) {
    self.context = context
    self.loops = loops
    try Disk.makeFolder(context.folder)
    try Disk.makeFolder(context.spoolFolder)
    index = try ArchiveIndex(path: context.folder + "/" + ArchiveFiles.index)
    let found = try SpoolFinder(folder: context.spoolFolder)
    let stale = try index.cutRuns().subtracting(found.runs.map { SpoolCut(run: $0.header.run).runText })
    pool = SpoolPool(folder: context.spoolFolder, fileBytes: context.settings.spoolFileBytes, serial: found.serial, logger: context.logger)
    let heads = HeadLog(folder: context.folder, node: context.node, identity: identity, disk: context.disk)
    writer = ArchiveWriter(context: context, index: index, heads: heads, pool: pool)
    feeder = Feeder(context: context, disk: writer)
    recovery = Recovery(context: context, index: index, pool: pool, feeder: feeder, found: found, staleCuts: stale)
    for path in found.strange { try Quarantine(context).move(path, "spool") }
    state.withLock { $0.isOpen = true }
    pool.begin()
    writer.start()
    feeder.start()
    for run in found.runs { _ = recording(run.header.name) }
    recovery.reconcile { [weak self] in _ = self?.recording($0) }
  }

  /// The muxer that is used outside of tests.
  public static func matroska(_ library: PipelineLibrary) -> TapMaker {
    { tracks, output async throws(Fault) in try await MatroskaTap.start(tracks: tracks, library: library, output: output) }
  }

  /// Records what the hub admits from now on.
  public func record(from hub: Hub) {
    guard context.settings.enabled else { return }
    self.hub.withLock { $0 = hub }
    hub.watch(self)
  }

  /// Ends all recordings, acknowledges what was received, signs the heads and closes the index.
  public func close() async {
    state.withLock { $0.isOpen = false }
    await feeder.finish()
    await recovery.settle()
    await writer.finish(attempts: 5)
    await pool.close()
    await writer.close()
  }

  // MARK: HubWatcher

  public func streamAdmitted(_ description: StreamDescription) {
    guard let hub = hub.withLock({ $0 }) else { return }
    let name = description.name
    let loop = currentLoop
    let recorder: Recorder? = state.withLock { state in
      // A publisher that returned is still recorded.
      guard state.isOpen, state.recorders[name] == nil else { return nil }
      let recording = makeRecording(name, &state)
      let chain = SpoolChain(run: UInt64.random(in: 1...UInt64.max))
      recording.keep(chain)
      let owner = SpoolWriter.Owner(name: name, id: recording.id, node: context.node, boot: context.clock.bootID)
      let spool = SpoolWriter(owner: owner, chain: chain, pool: pool, clock: context.clock, backlogLimit: context.settings.backlogBytes)
      let recorder = Recorder(recording: recording, spool: spool, clock: context.clock, loop: loop) { [weak self] in self?.ended($0) }
      state.recorders[name] = recorder
      return recorder
    }
    guard let recorder else { return }
    feeder.add(recorder)
    hub.subscribe(recorder, to: name, form: .units).hop(to: loop).whenSuccess { recorder.joined($0) }
  }

  /// The admission is told on the stream's own loop; a recorder on another one would cost a hand-over per batch.
  private var currentLoop: any EventLoop {
    var all = loops.makeIterator()
    while let loop = all.next() { if loop.inEventLoop { return loop } }
    return loops.next()
  }

  private func ended(_ recorder: Recorder) {
    state.withLock { state in if state.recorders[recorder.recording.name] === recorder { state.recorders[recorder.recording.name] = nil } }
    feeder.finish(recorder, with: recorder.drainItems())
  }

  private func recording(_ name: StreamName) -> StreamRecording { state.withLock { makeRecording(name, &$0) } }

  private func makeRecording(_ name: StreamName, _ state: inout State) -> StreamRecording {
    let id = ArchiveFiles.id(of: name)
    if let known = state.recordings[id] { return known }
    let fresh = StreamRecording(name: name, id: id)
    state.recordings[id] = fresh
    recovery.prepare(fresh)
    writer.add(fresh)
    return fresh
  }

  // MARK: Queries

  /// Acknowledged segments that overlap a time, oldest first.
  public func segments(
    of stream: StreamName, from: WallTime = WallTime(nanoseconds: .min), to: WallTime = WallTime(nanoseconds: .max), limit: Int = 10_000
  ) async throws -> [SegmentRecord] { try await index.segments(of: stream, from: from, to: to, limit: limit) }

  /// Gaps that overlap a time, oldest first.
  public func gaps(
    of stream: StreamName, from: WallTime = WallTime(nanoseconds: .min), to: WallTime = WallTime(nanoseconds: .max), limit: Int = 10_000
  ) async throws -> [ArchiveGap] { try await index.gaps(of: stream, from: from, to: to, limit: limit) }

  /// Every stream that was ever recorded here, by name.
  public func totals() async throws -> [ArchiveTotals] {
    var found = try await index.totals()
    let recordings = state.withLock { Array($0.recordings.values) }
    for recording in recordings {
      let at: Int
      if let known = found.firstIndex(where: { $0.stream == recording.name }) {
        at = known
      } else {
        at = found.count
        found.append(ArchiveTotals(stream: recording.name))
      }
      found[at].add(recording.figures)
    }
    return found.sorted { $0.stream < $1.stream }
  }

  public func totals(of stream: StreamName) async throws -> ArchiveTotals {
    try await totals().first { $0.stream == stream } ?? ArchiveTotals(stream: stream)
  }

  /// Where a segment's file lies.
  public func path(of segment: SegmentRecord) -> String { context.folder + "/" + segment.file }

  // MARK: Tests

  /// Blocks until spool files are ready.
  func prepareSpool() { pool.prepare() }

  /// Hands over, writes and acknowledges what came so far, without waiting for the timers.
  func flush() async {
    await feeder.flush()
    await recovery.settle()
    await writer.work()
  }

  /// Completes when recovery has looked at everything.
  func settle() async {
    await recovery.settle()
    await recovery.settle()
  }

  /// Lets the watchdog look.
  func watch() async { await feeder.watch() }

  /// Leaves everything as a killed process would.
  func abandon() async {
    await feeder.abandon()
    writer.abandon()
    await writer.close()
  }
}

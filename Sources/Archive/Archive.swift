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

  let context: ArchiveContext
  private let loops: any EventLoopGroup
  let index: ArchiveIndex
  let pool: SpoolPool
  let writer: ArchiveWriter
  let feeder: Feeder
  let recovery: Recovery
  private let state = Mutex(State())
  private let hub = Mutex<Hub?>(nil)

  /// Opens `DATA/archive` and `DATA/spool`, and begins to recover what a killed relay left; that goes on beside the live streams.
  /// Blocks for as long as opening the index takes: call it from a thread, before the listeners open.
  ///
  /// Throws `.diskFull`, `.diskFailed` or `.archiveBroken`.
  /// - Parameters:
  ///   - loops: the group whose loops the streams live on.
  ///   - makeTap: the muxer; ``Archive/matroska(_:)`` is the real one.
  ///   - store: where the segments go; nil for files below `DATA/archive`. Index, heads and spool lie on this machine's disk in any case.
  public static func open(
    dataFolder: String, node: String, settings: ArchiveSettings = ArchiveSettings(), identity: NodeIdentity, clock: any NodeClock,
    facts: any FactSink, loops: any EventLoopGroup, makeTap: @escaping TapMaker, store: (any SegmentStore)? = nil,
    logger: Logger = Logger(label: "firstframe.archive")
  ) throws(Fault) -> Archive {
    let context = ArchiveContext(
      settings: settings, dataFolder: dataFolder, node: node, clock: clock, facts: facts, store: store, makeTap: makeTap, logger: logger)
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
    let heads = HeadLog(folder: context.folder, node: context.node, identity: identity)
    writer = ArchiveWriter(context: context, index: index, heads: heads, pool: pool)
    feeder = Feeder(context: context, disk: writer)
    recovery = Recovery(context: context, index: index, pool: pool, feeder: feeder, found: found, staleCuts: stale)
    for path in found.strange { try Quarantine(context).moveSpool(path) }
    state.withLock { $0.isOpen = true }
    pool.begin()
    writer.start()
    feeder.start()
    for run in found.runs { _ = recording(of: run.header.name) }
    recovery.reconcile { [weak self] in _ = self?.recording(of: $0) }
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

  /// The hub has admitted a stream: it is recorded from here on. Called on the stream's own loop.
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

  /// The hub calls on the stream's own loop; a recorder on another one would cost a hand-over per batch.
  private var currentLoop: any EventLoop {
    var all = loops.makeIterator()
    while let loop = all.next() { if loop.inEventLoop { return loop } }
    return loops.next()
  }

  private func ended(_ recorder: Recorder) {
    state.withLock { state in if state.recorders[recorder.recording.name] === recorder { state.recorders[recorder.recording.name] = nil } }
    feeder.finish(recorder, with: recorder.drainItems())
  }

  /// What is known of every stream that was recorded since the start.
  var recordings: [StreamRecording] { state.withLock { Array($0.recordings.values) } }

  private func recording(of name: StreamName) -> StreamRecording { state.withLock { makeRecording(name, &$0) } }

  private func makeRecording(_ name: StreamName, _ state: inout State) -> StreamRecording {
    let id = ArchiveFiles.id(of: name)
    if let known = state.recordings[id] { return known }
    let fresh = StreamRecording(name: name, id: id)
    state.recordings[id] = fresh
    recovery.prepare(fresh)
    writer.add(fresh)
    return fresh
  }
}

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
    var lanes: [String: Lane] = [:]
    var recorders: [StreamName: Recorder] = [:]
    var isOpen = false
  }

  private let house: ArchiveHouse
  private let loops: any EventLoopGroup
  private let index: ArchiveIndex
  private let depot: SpoolDepot
  private let writer: SegmentWriter
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
    let house = ArchiveHouse(
      settings: settings, dataFolder: dataFolder, node: node, clock: clock, facts: facts, disk: KernelArchiveDisk(), makeTap: makeTap,
      logger: logger)
    return try Archive(house, identity: identity, loops: loops)
  }

  init(_ house: ArchiveHouse, identity: NodeIdentity, loops: any EventLoopGroup) throws(Fault) {
    self.house = house
    self.loops = loops
    try Disk.makeFolder(house.folder)
    try Disk.makeFolder(house.spoolFolder)
    index = try ArchiveIndex(path: house.folder + "/" + ArchiveFiles.index)
    let found = try SpoolFinder(folder: house.spoolFolder)
    let stale = try index.cutRuns().subtracting(found.runs.map { SpoolCut(run: $0.header.run).runText })
    depot = SpoolDepot(folder: house.spoolFolder, fileBytes: house.settings.spoolFileBytes, serial: found.serial, logger: house.logger)
    let heads = HeadLog(folder: house.folder, node: house.node, identity: identity, disk: house.disk)
    writer = SegmentWriter(house: house, index: index, heads: heads, depot: depot)
    feeder = Feeder(house: house, disk: writer)
    recovery = Recovery(house: house, index: index, depot: depot, feeder: feeder, found: found, staleCuts: stale)
    for path in found.strange { try Quarantine(house).take(path, "spool") }
    state.withLock { $0.isOpen = true }
    depot.begin()
    writer.start()
    feeder.start()
    for run in found.runs { _ = lane(run.header.name) }
    recovery.reconcile { [weak self] in _ = self?.lane($0) }
  }

  /// The muxer that is used outside of tests.
  public static func matroska(_ library: PipelineLibrary) -> TapMaker {
    { tracks, output async throws(Fault) in try await MatroskaTap.start(tracks: tracks, library: library, output: output) }
  }

  /// Records what the hub admits from now on.
  public func record(from hub: Hub) {
    guard house.settings.enabled else { return }
    self.hub.withLock { $0 = hub }
    hub.watch(self)
  }

  /// Ends all recordings, acknowledges what was received, signs the heads and closes the index.
  public func close() async {
    state.withLock { $0.isOpen = false }
    await feeder.finish()
    await recovery.settle()
    await writer.finish(attempts: 5)
    await depot.close()
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
      let lane = makeLane(name, &state)
      let chain = SpoolChain(run: UInt64.random(in: 1...UInt64.max))
      lane.keep(chain)
      let owner = SpoolWriter.Owner(name: name, id: lane.id, node: house.node, boot: house.clock.bootID)
      let spool = SpoolWriter(owner: owner, chain: chain, depot: depot, clock: house.clock, backlogLimit: house.settings.backlogBytes)
      let recorder = Recorder(lane: lane, spool: spool, clock: house.clock, loop: loop) { [weak self] in self?.ended($0) }
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
    state.withLock { state in if state.recorders[recorder.lane.name] === recorder { state.recorders[recorder.lane.name] = nil } }
    feeder.take(recorder, recorder.takeItems())
  }

  private func lane(_ name: StreamName) -> Lane { state.withLock { makeLane(name, &$0) } }

  private func makeLane(_ name: StreamName, _ state: inout State) -> Lane {
    let id = ArchiveFiles.id(of: name)
    if let known = state.lanes[id] { return known }
    let fresh = Lane(name: name, id: id)
    state.lanes[id] = fresh
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
    let lanes = state.withLock { Array($0.lanes.values) }
    for lane in lanes {
      let at: Int
      if let known = found.firstIndex(where: { $0.stream == lane.name }) {
        at = known
      } else {
        at = found.count
        found.append(ArchiveTotals(stream: lane.name))
      }
      found[at].add(lane.figures)
    }
    return found.sorted { $0.stream < $1.stream }
  }

  public func totals(of stream: StreamName) async throws -> ArchiveTotals {
    try await totals().first { $0.stream == stream } ?? ArchiveTotals(stream: stream)
  }

  /// Where a segment's file lies.
  public func path(of segment: SegmentRecord) -> String { house.folder + "/" + segment.file }

  // MARK: Tests

  /// Blocks until spool files are ready.
  func prepareSpool() { depot.prepare() }

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

public import Logging
public import Model

/// The node's append-only, hash-chained, fsynced truth (docs/journal.md).
///
/// ``record(_:_:at:)`` queues and never blocks; ``commit(_:_:at:)`` returns after the fsync. One thread of its own writes: a commit wakes it at once, a
/// record within 50 ms, and everything that waits goes out with one write and one fsync. When the disk refuses, commits throw, records wait in bounded
/// memory and are tried again, and a `journal.lost` fact counts what did not fit.
public final class Journal: FactSink {
  /// The node's name, as it stands in every line.
  public let node: String
  /// The kernel's id of the running boot, as it stands in every line.
  public let boot: String
  /// The folder that holds `journal/`.
  public let dataFolder: String
  private let clock: any NodeClock
  private let queue: Monitor<JournalQueue>
  private let feed: JournalFeed
  private let logger: Logger

  /// Opens or creates `DATA/journal/`: checks the tail, cuts a torn one off, writes `recovered` when there was one, then `node.started`.
  /// Blocks for as long as reading the last file takes (64 MiB at most).
  ///
  /// Throws `.dataFolderInUse` while another process has it open, `.diskFull`/`.diskFailed`, or `.factInvalid` for a node name with
  /// control characters. A broken chain does not stop a node: a `journal.damaged` fact and the log say so, and the journal goes on.
  /// - Parameter started: further fields of `node.started`, such as `role`.
  public static func open(
    dataFolder: String, node: String, identity: NodeIdentity, version: String, started: [String: JSON] = [:],
    clock: any NodeClock = SystemClock(), options: JournalOptions = JournalOptions(), logger: Logger = Logger(label: "firstframe.journal")
  ) throws(Fault) -> Journal {
    try Journal(
      JournalWriter.Place(
        dataFolder: dataFolder, node: node, identity: identity, clock: clock, options: options, disk: KernelDisk(), logger: logger),
      version: version, started: started)
  }

  init(_ place: JournalWriter.Place, version: String, started: [String: JSON] = [:]) throws(Fault) {
    node = place.node
    boot = place.clock.bootID
    dataFolder = place.dataFolder
    clock = place.clock
    logger = place.logger
    let writer = try JournalWriter(place)
    var fields = started
    fields["version"] = .string(version)
    fields["pid"] = .int(ProcessNumber.own)
    let first = writer.recovered + [try writer.entry(FactKind.nodeStarted, fields)]
    let facts = try writer.write(JournalQueue.Group(entries: first, lost: JournalQueue.Lost()))
    try writer.writeHead()
    feed = JournalFeed(recent: writer.recent + facts, limit: place.options.recentCount, last: (writer.sequence, writer.hash))
    queue = Monitor(
      JournalQueue(
        limit: place.options.queueBytes, groupDelay: place.options.groupDelay.value,
        headDue: monotonicNow() &+ place.options.headInterval.value))
    let loop = JournalLoop(writer: writer, queue: queue, feed: feed)
    guard OwnThread.start("journal", { loop.run() }) else { throw Fault(.diskFailed, "no thread for the journal") }
  }

  deinit {
    queue.withLock { $0.beginClose() }
    queue.signal()
  }

  // MARK: FactSink

  /// Queues a fact: on the disk within 50 ms. Never blocks; callable from any thread. A fact that no line can hold leaves `journal.rejected` instead.
  /// - Parameter at: when it happened; nil for now.
  public func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) {
    do throws(Fault) {
      try submit(try entry(kind, fields, at))
    } catch {
      guard error.code == .factInvalid, kind != FactKind.journalRejected else { return logger.error("\(kind): \(error)") }
      logger.error("\(error)")
      record(FactKind.journalRejected, ["what": .string(String(kind.prefix(80))), "detail": .string(error.detail)], at: at)
    }
  }

  /// Appends a fact and returns it once it is fsynced. Throws ``Fault``: `.diskFull`, `.diskFailed`, `.factInvalid` or `.journalClosed`; it is then in no file.
  /// - Parameter at: when it happened; nil for now.
  public func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    var entry = try entry(kind, fields, at)
    return try await withCheckedThrowingContinuation { continuation in
      entry.reply = continuation
      do throws(Fault) { try submit(entry) } catch { continuation.resume(throwing: error) }
    }
  }

  private func entry(_ kind: String, _ fields: [String: JSON], _ at: BootTime?) throws(Fault) -> JournalQueue.Entry {
    let reading = clock.reading()
    let bootTime = at ?? reading.boot
    return JournalQueue.Entry(
      kind: kind, fields: fields, body: try JournalLine.body(kind: kind, fields: fields), bootTime: bootTime,
      wall: WallTime(nanoseconds: reading.kernel.nanoseconds &+ (bootTime - reading.boot).value), reply: nil)
  }

  private func submit(_ entry: JournalQueue.Entry) throws(Fault) {
    switch queue.withLock({ $0.admit(entry, now: monotonicNow()) }) {
    case .accepted(let wake): if wake { queue.signal() }
    case .full: if entry.reply != nil { throw Fault(.diskFailed, "the journal's queue is full") }
    case .closed: throw Fault(.journalClosed, entry.kind)
    }
  }

  // MARK: reading

  /// Sequence and hash of the newest fsynced fact.
  public var last: (sequence: Int64, hash: String) { feed.last }

  /// Why facts cannot be written now; nil while they can. It is known with the first fact that is refused, and over with the next that is written.
  public var trouble: Fault? { feed.trouble }

  /// The newest facts, oldest first, at most ``JournalOptions/recentCount``; those of earlier runs included.
  public func recent(limit: Int = 100) -> [Fact] { feed.recent(limit) }

  /// Facts from now on, each after its fsync, in order.
  ///
  /// Bounded: a subscriber that falls `buffer` facts behind loses the oldest, and sees it by the gap in ``Fact/sequence``.
  /// - Parameter after: begins with the recent facts beyond this number instead (a page that reconnects).
  public func subscribe(after sequence: Int64? = nil, buffer: Int = 1024) -> AsyncStream<Fact> {
    feed.subscribe(after: sequence, buffer: buffer)
  }

  /// Calls `observer` on the writer's thread with the newest fsynced number after each group. It must return at once.
  /// Gives an id for ``unobserve(_:)``.
  func observe(_ observer: @escaping @Sendable (Int64) -> Void) -> Int { feed.observe(observer) }
  func unobserve(_ id: Int) { feed.unobserve(id) }

  // MARK: end

  /// Writes what waits, `node.stopped` and a last head, and lets go of the folder. Later records are logged and dropped, commits throw.
  public func close(reason: String = "closed") async {
    record(FactKind.nodeStopped, ["reason": .string(reason)], at: nil)
    queue.withLock { $0.beginClose() }
    queue.signal()
    await withCheckedContinuation { continuation in
      if !queue.withLock({ $0.awaitClose(continuation) }) { continuation.resume() }
    }
  }
}

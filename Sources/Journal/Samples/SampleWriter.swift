public import Logging
public import Model

/// Keeps every measured session's samples in a file of its own, `DATA/samples/YYYYMMDD/SESSION.ffs` (docs/samples.md), and the hash of each
/// 60 s block in the journal. One thread writes all files, once a second.
public final class SampleWriter: SampleSink {
  struct Place: Sendable {
    var dataFolder: String
    var facts: any FactSink
    var disk: any AppendDisk
    var logger: Logger
  }

  /// Bytes of one session that may wait for the disk: some minutes of video and sound.
  static let sessionLimit = 256 << 10

  private struct State {
    var arrived: [SampleSession] = []
    /// All that are not closed yet, so that ``close()`` can close them.
    var open: [SampleSession] = []
    var isUrgent = false
    var isClosing = false
    var isClosed = false
    var due: Int64 = 0
    var replies: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Monitor(State())
  private let place: Place
  private let clock: any NodeClock
  private let limit: Int

  /// - Parameter facts: where `samples.block` facts go, usually the journal.
  public convenience init(
    dataFolder: String, facts: any FactSink, clock: any NodeClock = SystemClock(), logger: Logger = Logger(label: "firstframe.samples")
  ) throws(Fault) {
    try self.init(
      Place(dataFolder: dataFolder, facts: facts, disk: KernelDisk(), logger: logger), clock: clock, limit: SampleWriter.sessionLimit)
  }

  init(_ place: Place, clock: any NodeClock, limit: Int) throws(Fault) {
    self.place = place
    self.clock = clock
    self.limit = limit
    let (state, place) = (state, place)
    guard OwnThread.start("samples", { SampleWriter.run(state, place) }) else { throw Fault(.diskFailed, "no thread for samples") }
  }

  deinit {
    state.withLock { $0.isClosing = true }
    state.signal()
  }

  /// The same as ``begin(_:)``, for those who know only the protocol.
  public func open(_ header: SampleHeader) -> any SampleWriting { begin(header) }

  /// Begins a session's file. Never blocks; the file is made by the writer's thread.
  public func begin(_ header: SampleHeader) -> SampleSession {
    let monitor = state
    let session = SampleSession(header, limit: limit, clock: clock) {
      monitor.withLock { $0.isUrgent = true }
      monitor.signal()
    }
    let isOver = state.withLock { state in
      guard !state.isClosing else { return true }
      state.arrived.append(session)
      state.open.append(session)
      return false
    }
    if isOver { session.close() }
    return session
  }

  /// Closes every session, writes what waits and ends the thread. The journal must outlive it, for the last blocks' facts.
  public func close() async {
    let sessions = state.withLock { state in
      state.isClosing = true
      defer { state.open = [] }
      return state.open
    }
    for session in sessions { session.close() }
    state.signal()
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.isClosed { state.replies.append(continuation) }
        return state.isClosed
      }
      if isOver { continuation.resume() }
    }
  }

  // MARK: the thread

  private static func run(_ state: Monitor<State>, _ place: Place) {
    var outputs: [SampleOutput] = []
    var isClosing = false
    while !isClosing {
      let round = state.wait { next(&$0, now: monotonicNow()) }
      isClosing = round.isClosing
      outputs += round.arrived.map { SampleOutput($0, place) }
      outputs.removeAll { $0.flush() }
      let left = Set(outputs.map { ObjectIdentifier($0.session) })
      state.withLock { state in
        let waiting = Set(state.arrived.map(ObjectIdentifier.init))
        state.open.removeAll { !left.contains(ObjectIdentifier($0)) && !waiting.contains(ObjectIdentifier($0)) }
      }
    }
    for output in outputs { output.session.close() }
    // Once more for what came between the last round and the closing; what the disk refuses now is lost with the process.
    for output in outputs where !output.flush() && !output.flush() {
      place.logger.error("samples of \(output.session.header.stream) were not written to their end")
    }
    let replies = state.withLock { state in
      state.isClosed = true
      defer { state.replies = [] }
      return state.replies
    }
    for reply in replies { reply.resume() }
  }

  private static func next(_ state: inout State, now: Int64) -> MonitorDecision<(arrived: [SampleSession], isClosing: Bool)> {
    guard state.isUrgent || state.isClosing || now >= state.due else { return .until(state.due) }
    state.due = now &+ 1_000_000_000
    state.isUrgent = false
    defer { state.arrived = [] }
    return .done((state.arrived, state.isClosing))
  }
}

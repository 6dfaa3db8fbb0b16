internal import Model
internal import Synchronization

/// What the archive keeps of one stream while the process runs, shared between those who make muxers and the disk's thread: its muxers in order, its spools,
/// its figures.
final class StreamRecording: Sendable {
  struct Figures: Sendable {
    var ingestedUnits: Int64 = 0
    var ingestedBytes: Int64 = 0
    var skippedUnits: Int64 = 0
    var recordedUnits: Int64 = 0
    var recordedBytes: Int64 = 0
    var isRecording = false
    var fault: Fault?
  }

  private struct State {
    var runs: [TapRun] = []
    /// Live muxers wait here while a recovery still has to write what came before them.
    var waiting: [TapRun] = []
    var isRecovering = false
    /// Chains whose files can go when nothing of them is outstanding.
    var chains: [SpoolChain] = []
    var figures = Figures()
  }

  let name: StreamName
  let id: String
  private let state = Mutex(State())

  init(name: StreamName, id: String) {
    self.name = name
    self.id = id
  }

  // MARK: Muxers

  func add(_ run: TapRun) {
    state.withLock { state in if state.isRecovering && !run.origin.isRecovered { state.waiting.append(run) } else { state.runs.append(run) }
    }
  }

  var first: TapRun? { state.withLock { $0.runs.first } }
  func removeFirst() { state.withLock { if !$0.runs.isEmpty { $0.runs.removeFirst() } } }

  func beginRecovery() { state.withLock { $0.isRecovering = true } }

  func endRecovery() {
    state.withLock { state in
      state.isRecovering = false
      state.runs.append(contentsOf: state.waiting)
      state.waiting = []
    }
  }

  var isIdle: Bool { state.withLock { $0.runs.isEmpty && $0.waiting.isEmpty && !$0.isRecovering } }

  /// Position of the oldest unit of a chain that a muxer still has, or whose note waits.
  func oldestWaiting(_ chain: SpoolChain) -> UInt64? {
    state.withLock { $0.runs + $0.waiting }.filter { $0.chain === chain }.compactMap(\.oldestWaiting).min()
  }

  // MARK: Spools

  func keep(_ chain: SpoolChain) { state.withLock { $0.chains.append(chain) } }
  var chains: [SpoolChain] { state.withLock { $0.chains } }
  func forget(_ chain: SpoolChain) { state.withLock { state in state.chains.removeAll { $0 === chain } } }

  // MARK: Figures

  var figures: Figures { state.withLock { $0.figures } }
  func note(_ body: (inout Figures) -> Void) { state.withLock { body(&$0.figures) } }
}

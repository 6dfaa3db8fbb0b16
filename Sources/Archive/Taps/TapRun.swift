internal import Model
internal import NIOCore
internal import Pipelines
internal import Synchronization

/// One muxer's life: what went in, what came out. The feeder pushes, the muxer's threads put chunks in, the disk's thread drains them.
final class TapRun: Sendable {
  /// Where the units' boot times belong, and how to label them with wall time.
  struct Origin: Sendable {
    var boot: String
    /// Nil: read the clocks when a segment is closed (the units are of this boot and of now).
    var reading: ClockReading?
    var isRecovered = false
  }

  struct Output {
    var chunks: [MuxedChunk] = []
    /// Notes of units that were pushed since the last ``drain()``.
    var notes: [UnitNote] = []
    var sessions: [String] = []
    var isEnded = false
    var fault: Fault?
  }

  struct Counters: Sendable, Equatable {
    var pushed = 0
    var pushedBytes: Int64 = 0
    var emitted = 0
  }

  private struct State {
    var output = Output()
    var counters = Counters()
    var waitingBytes = 0
  }

  let tracks: [Track]
  let beginsAnywhere: Bool
  let origin: Origin
  let chain: SpoolChain
  /// Set on a run that only marks the end of the stream: arrival of its last unit.
  let streamEnd: BootTime?
  private let limit: Int
  private let state = Mutex(State())

  /// A mark that the stream has ended: nothing goes in and nothing comes out.
  init(endOf chain: SpoolChain, lastArrival: BootTime, origin: Origin) {
    tracks = []
    beginsAnywhere = false
    self.origin = origin
    self.chain = chain
    streamEnd = lastArrival
    limit = 0
    end()
  }

  init(tracks: [Track], anywhere: Bool, origin: Origin, chain: SpoolChain, limit: Int) {
    self.tracks = tracks
    beginsAnywhere = anywhere
    streamEnd = nil
    self.origin = origin
    self.chain = chain
    self.limit = limit
  }

  // MARK: Feeder

  /// Must come before the units are pushed: their blocks may come out at once.
  func note(_ units: [RecordedUnit], session: String) {
    let isVideo = tracks.map { ($0.index, $0.codec.isVideo) }
    state.withLock { state in
      if state.output.sessions.last != session { state.output.sessions.append(session) }
      let at = Int32(clamping: state.output.sessions.count - 1)
      for recorded in units {
        let unit = recorded.unit
        let bytes = unit.payload.readableBytes
        state.output.notes.append(
          UnitNote(
            position: recorded.position, firstArrival: unit.firstArrival, arrival: unit.arrival, bytes: bytes, track: unit.track,
            isVideo: isVideo.contains { $0 == unit.track && $1 }, session: at))
        state.counters.pushedBytes += Int64(bytes)
      }
      state.counters.pushed += units.count
    }
  }

  /// Recovery of a file whose units are known by their blocks alone.
  func note(_ notes: [UnitNote]) {
    state.withLock { state in
      state.output.sessions = [""]
      state.output.notes.append(contentsOf: notes)
      state.counters.pushed += notes.count
    }
  }

  /// The muxer gives nothing more.
  func end(_ fault: Fault? = nil) {
    state.withLock { state in
      if state.output.fault == nil { state.output.fault = fault }
      state.output.isEnded = true
    }
  }

  // MARK: Muxer

  func put(_ chunk: MuxedChunk) {
    state.withLock { state in
      guard !state.output.isEnded else { return }
      state.counters.emitted += chunk.unitCount
      state.waitingBytes += chunk.bytes.readableBytes
      if state.waitingBytes > limit {
        if state.output.fault == nil { state.output.fault = Fault(.recorderStalled, "the disk takes nothing") }
        return
      }
      state.output.chunks.append(chunk)
    }
  }

  func fail(_ fault: Fault) { state.withLock { if $0.output.fault == nil { $0.output.fault = fault } } }

  // MARK: Disk

  /// Chunks that the disk refused: they come again with the next ``drain()``.
  func putBack(_ chunks: [MuxedChunk]) { state.withLock { $0.output.chunks.insert(contentsOf: chunks, at: 0) } }

  func drain() -> Output {
    state.withLock { state in
      let output = state.output
      state.output.chunks = []
      state.output.notes = []
      state.waitingBytes = 0
      return output
    }
  }

  var counters: Counters { state.withLock { $0.counters } }
  var fault: Fault? { state.withLock { $0.output.fault } }
  /// Position of the oldest unit whose note was not drained yet.
  var oldestWaiting: UInt64? { state.withLock { $0.output.notes.first?.position } }
}

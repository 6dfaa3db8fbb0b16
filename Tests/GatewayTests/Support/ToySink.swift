import FirstFrameTesting
import Gateway
import Hub
import Model
import NIOConcurrencyHelpers
import NIOCore

/// A sink that keeps what it is given and has room as the test says.
final class ToySink: ReaderSink, Sendable {
  private struct State {
    var isWritable = true
    /// Room is gone after a write.
    var fillsUp = false
    var refusal: Fault?
    var writes: [[UInt8]] = []
    var started = 0
    var ends: [Fault] = []
    var ticks = 0
  }

  private let state = NIOLockedValueBox(State())

  var isWritable: Bool { state.withLockedValue { $0.isWritable } }
  var writes: [[UInt8]] { state.withLockedValue { $0.writes } }
  var started: Int { state.withLockedValue { $0.started } }
  var ends: [FaultCode] { state.withLockedValue { $0.ends.map(\.code) } }
  var ticks: Int { state.withLockedValue { $0.ticks } }

  func set(writable: Bool, fillsUp: Bool = false) { state.withLockedValue { ($0.isWritable, $0.fillsUp) = (writable, fillsUp) } }
  /// From the next description on the reader cannot go on.
  func refuse(_ fault: Fault) { state.withLockedValue { $0.refusal = fault } }

  func started(_ description: StreamDescription) -> Fault? {
    state.withLockedValue { state in
      state.started += 1
      return state.refusal
    }
  }

  func write(_ bytes: ByteBuffer, _ delivery: Delivery) -> Int? {
    state.withLockedValue { state in
      state.writes.append(Array(bytes.readableBytesView))
      if state.fillsUp { state.isWritable = false }
    }
    return 2
  }

  func ended(_ reason: Fault) { state.withLockedValue { $0.ends.append(reason) } }
  func readerTick(at now: BootTime) { state.withLockedValue { $0.ticks += 1 } }
}

/// A reader session with its sink and a publication to read.
///
/// `@unchecked Sendable`: the session is touched on the connection's loop only.
final class ToyReader: @unchecked Sendable {
  let session: ReaderSession
  let sink = ToySink()
  private let bench: Bench
  private let line: Line

  init(_ bench: Bench, _ line: Line) {
    self.bench = bench
    self.line = line
    let identity = ReaderSession.Identity(
      name: Bench.name, mediaProtocol: .rtmp, grant: AccessGrant(keyName: "viewer"), session: "a reader")
    session = ReaderSession(identity, sink: sink, connection: line.connection, environment: bench.environment)
  }

  static func make(_ bench: Bench) async throws -> ToyReader { ToyReader(bench, try await bench.line()) }

  /// A reader that has joined the stream.
  static func joined(_ bench: Bench) async throws -> ToyReader {
    let reader = try await make(bench)
    try await reader.subscribe()
    return reader
  }

  func subscribe() async throws {
    try await bench.on { [self] in session.subscribe(OneBytePacketisation.form) }
    try await bench.settle()
  }

  func tick() async throws { try await bench.on { [self] in session.tick(at: bench.clock.bootTime()) } }
  func pause(_ isPaused: Bool) async throws { try await bench.on { [self] in session.isPaused = isPaused } }
  func stop() async throws { try await bench.on { [self] in session.stop() } }
  var snapshot: ReaderSnapshot? { get async throws { try await bench.on { [self] in session.snapshot(at: bench.clock.bootTime()) } } }
  var progress: BootTime { get async throws { try await bench.on { [self] in session.lastProgress } } }
}

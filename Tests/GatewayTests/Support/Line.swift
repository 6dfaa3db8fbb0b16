import FirstFrameTesting
import Gateway
import Model
import NIOConcurrencyHelpers
import NIOCore
import Transport

/// One gateway connection with its delegate, and the bare socket at its other end.
final class Line: Sendable {
  let connection: GatewayConnection
  let delegate: ToyDelegate
  /// The peer's socket; the peer reads only what the test makes it read.
  let far: CInt
  private let isFarOpen = NIOLockedValueBox(true)

  private init(_ connection: GatewayConnection, _ delegate: ToyDelegate, _ far: CInt) {
    self.connection = connection
    self.delegate = delegate
    self.far = far
  }

  deinit { closeFar() }

  static func make(on bench: Bench) async throws -> Line {
    let ends = try SocketPair.make()
    let delegate = ToyDelegate()
    let connection = NIOLockedValueBox<GatewayConnection?>(nil)
    let channel = MediaChannel.adopt(ends.near, on: bench.loop, queueLimit: 64 << 10) { channel in
      let made = try GatewayConnection.attach(channel, bench.environment) { _ in delegate }
      connection.withLockedValue { $0 = made }
    }
    try await channel.eventLoop.submit {}.get()
    guard let made = connection.withLockedValue({ $0 }) else { throw Fault(.transportUnsupported, "no connection") }
    return Line(made, delegate, ends.far)
  }

  func closeFar() {
    let isFirst = isFarOpen.withLockedValue { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if isFirst { SocketPair.close(far) }
  }

  /// Makes the far end a channel that gathers what it receives until the connection closes.
  func gather(on loop: MediaLoop) async throws -> [UInt8] {
    isFarOpen.withLockedValue { $0 = false }
    let gathered = NIOLockedValueBox<[UInt8]>([])
    let channel = MediaChannel.adopt(far, on: loop, queueLimit: 1 << 20) { $0.receiver = Gatherer(gathered) }
    try await channel.closeFuture.get()
    return gathered.withLockedValue { $0 }
  }

  private final class Gatherer: MediaReceiver {
    private let gathered: NIOLockedValueBox<[UInt8]>
    init(_ gathered: NIOLockedValueBox<[UInt8]>) { self.gathered = gathered }
    func received(_ bytes: inout ByteBuffer) {
      let some = bytes.readBytes(length: bytes.readableBytes) ?? []
      gathered.withLockedValue { $0 += some }
    }
  }
}

/// The protocol's part of a connection: keeps what comes, in records of three bytes.
final class ToyDelegate: ConnectionDelegate, Sendable {
  private struct State {
    var records: [[UInt8]] = []
    var calls = 0
    var ticks = 0
    var ends: [String?] = []
    var whenReceived: (@Sendable () -> Void)?
  }

  private let state = NIOLockedValueBox(State())
  private let gone = AsyncStream.makeStream(of: Void.self)
  private let came = AsyncStream.makeStream(of: Void.self)

  var records: [[UInt8]] { state.withLockedValue { $0.records } }
  /// How often bytes were handed over.
  var calls: Int { state.withLockedValue { $0.calls } }
  var ticks: Int { state.withLockedValue { $0.ticks } }
  /// The errors of each call of `closed`.
  var ends: [String?] { state.withLockedValue { $0.ends } }

  func whenReceived(_ body: @escaping @Sendable () -> Void) { state.withLockedValue { $0.whenReceived = body } }

  func received(_ bytes: inout ByteBuffer) {
    let body = state.withLockedValue { state in
      state.calls += 1
      while let record = bytes.readBytes(length: 3) { state.records.append(record) }
      return state.whenReceived
    }
    body?()
    came.continuation.yield()
  }

  func tick(at now: BootTime) { state.withLockedValue { $0.ticks += 1 } }

  func closed(_ error: (any Error)?) {
    state.withLockedValue { $0.ends.append(error.map { "\($0)" }) }
    gone.continuation.finish()
  }

  /// Returns once the connection is gone.
  func untilClosed() async { for await _ in gone.stream {} }

  /// Returns once bytes have been handed over so many more times.
  func untilReceived(_ count: Int = 1) async {
    var left = count
    for await _ in came.stream {
      left -= 1
      if left == 0 { return }
    }
  }
}

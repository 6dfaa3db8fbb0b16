import Dispatch
import Glibc
import Model
import NIOConcurrencyHelpers
import NIOCore
import Transport

/// The other end of a channel: a blocking socket, used off the cooperative pool.
final class Peer: Sendable {
  let descriptor: CInt
  private let isClosed = NIOLockedValueBox(false)

  init(_ descriptor: CInt) {
    self.descriptor = descriptor
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close() }

  /// A channel on a loop and its peer. `receiver` gets the channel's bytes.
  static func pair(
    on loop: MediaLoop, queueLimit: Int = 1 << 20, security: MediaChannel.Security? = nil,
    setUp: @escaping @Sendable (MediaChannel) throws -> Void
  ) throws -> (MediaChannel, Peer) {
    var ends: [CInt] = [0, 0]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { throw Fault(.transportUnsupported) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (MediaChannel.adopt(ends[0], on: loop, queueLimit: queueLimit, security: security, setUp: setUp), Peer(ends[1]))
  }

  /// A TCP connection to a port of this machine.
  static func connect(_ port: UInt16, host: String = "127.0.0.1") async throws -> Peer {
    try await off {
      let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      let answer = try SocketAddress(ipAddress: host, port: Int(port)).withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
      guard answer == 0 else { throw Fault(.peerUnreachable, "errno \(errno)") }
      return Peer(descriptor)
    }
  }

  func send(_ bytes: [UInt8]) async {
    await off { [descriptor] in
      var at = 0
      while at < bytes.count {
        let sent = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress?.advanced(by: at), $0.count - at, CInt(MSG_NOSIGNAL)) }
        if sent <= 0 { return }
        at += sent
      }
    }
  }

  /// So many bytes, fewer at the end of the stream.
  func receive(_ count: Int) async -> [UInt8] {
    await off { [descriptor] in
      var bytes = [UInt8](repeating: 0, count: count)
      var at = 0
      while at < count {
        let received = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: at), count - at, 0) }
        if received <= 0 { break }
        at += received
      }
      return Array(bytes.prefix(at))
    }
  }

  func finishWriting() { shutdown(descriptor, CInt(SHUT_WR)) }

  func close() {
    let first = isClosed.withLockedValue { closed in
      defer { closed = true }
      return !closed
    }
    if first { _ = Glibc.close(descriptor) }
  }
}

/// Runs what blocks on a thread of its own.
func off<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
  }
}

func off<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: body()) }
  }
}

/// Runs a body with a loop of its own, which ends after it.
func withLoop(_ body: (MediaLoop) async throws -> Void) async throws {
  let loops = try MediaLoops(count: 1)
  do {
    try await body(loops.nextLoop())
    try await loops.shutdownGracefully()
  } catch {
    try await loops.shutdownGracefully()
    throw error
  }
}

/// Takes bytes in records of a length byte and so many more; leaves what is cut.
///
/// `@unchecked Sendable`: touched on the channel's loop only; `records` is a stream.
final class Records: MediaReceiver, @unchecked Sendable {
  let records: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation
  private(set) var calls = 0

  init() { (records, continuation) = AsyncStream.makeStream(of: [UInt8].self) }

  func received(_ bytes: inout ByteBuffer) {
    calls += 1
    while let length = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self), bytes.readableBytes > Int(length) {
      bytes.moveReaderIndex(forwardBy: 1)
      continuation.yield(bytes.readBytes(length: Int(length)) ?? [])
    }
  }

  func first(_ count: Int) async -> [[UInt8]] {
    var found: [[UInt8]] = []
    for await record in records {
      found.append(record)
      if found.count == count { break }
    }
    return found
  }
}

/// Gathers bytes, so many at once at least.
///
/// `@unchecked Sendable`: touched on the channel's loop only; `pieces` is a stream.
final class Gathers: MediaReceiver, @unchecked Sendable {
  private let atOnce: Int
  private let pieces: AsyncStream<[UInt8]>
  private let continuation: AsyncStream<[UInt8]>.Continuation

  init(atOnce: Int = 1) {
    self.atOnce = atOnce
    (pieces, continuation) = AsyncStream.makeStream(of: [UInt8].self)
  }

  func received(_ bytes: inout ByteBuffer) {
    guard bytes.readableBytes >= atOnce else { return }
    let count = bytes.readableBytes / atOnce * atOnce
    continuation.yield(bytes.readBytes(length: count) ?? [])
  }

  /// So many bytes.
  func first(_ count: Int) async -> [UInt8] {
    var found: [UInt8] = []
    for await piece in pieces {
      found += piece
      if found.count >= count { break }
    }
    return found
  }
}

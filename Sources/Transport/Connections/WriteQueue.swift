internal import NIOCore

/// Bytes that found no room in the socket, as compact copies: what waits for a slow reader never holds anybody's receive buffer. A value without I/O.
struct WriteQueue {
  private(set) var bytes = ByteBuffer()
  private var promises: [(end: UInt64, promise: EventLoopPromise<Void>)] = []
  /// Bytes that ever left by this queue.
  private var left: UInt64 = 0

  var isEmpty: Bool { bytes.readableBytes == 0 }

  /// `promise` is fulfilled when these bytes, and with them all before, have left.
  mutating func append(_ more: ByteBuffer, _ promise: EventLoopPromise<Void>?) {
    // What has left is let go before the storage would grow.
    if bytes.readerIndex > 0, bytes.writableBytes < more.readableBytes { bytes.discardReadBytes() }
    bytes.writeImmutableBuffer(more)
    guard let promise else { return }
    promises.append((left &+ UInt64(bytes.readableBytes), promise))
  }

  /// So many bytes have left.
  /// - Returns: whose bytes are among them: to be fulfilled once the queue is not touched any more.
  mutating func advance(_ count: Int) -> [EventLoopPromise<Void>] {
    bytes.moveReaderIndex(forwardBy: count)
    left &+= UInt64(count)
    if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    guard let first = promises.first, first.end <= left else { return [] }
    let done = promises.prefix { $0.end <= left }.map(\.promise)
    promises.removeFirst(done.count)
    return done
  }

  /// The connection is gone: what waits will never leave.
  /// - Returns: whose bytes were among them.
  mutating func removeAll() -> [EventLoopPromise<Void>] {
    defer { self = WriteQueue() }
    return promises.map(\.promise)
  }
}

internal import CLinux
internal import Glibc
internal import Model
internal import NIOCore

/// One end of the worker socket with blocking reads and writes, for dedicated threads. Used by one thread at a time; ``shutdown()`` may come from any.
///
/// `@unchecked Sendable`: the descriptor never changes; the reader is touched by the one thread that reads.
final class WorkerConnection: @unchecked Sendable {
  private let descriptor: Int32
  private var reader = WorkerFrameReader()

  /// - Parameter descriptor: is closed with this object.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Process and user at the other end, as the kernel knows them (SO_PEERCRED); nil when it does not say.
  var peer: (pid: Int32, uid: UInt32)? {
    var pid: Int32 = 0
    var uid: UInt32 = 0
    return ff_peer_credentials(descriptor, &pid, &uid) == 0 ? (pid, uid) : nil
  }

  /// Wakes whoever reads or writes with an end.
  func shutdown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Whether the other end has closed, without waiting.
  var isHungUp: Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&entry, 1, 0) > 0 && Int32(entry.revents) & (POLLHUP | POLLERR) != 0
  }

  /// Throws `.workerDied` when the other end is gone or does not take the bytes in time.
  func send(_ frame: WorkerFrame, within limit: Duration) throws(Fault) {
    var rest = frame.encoded
    let deadline = ContinuousClock.now + limit
    while rest.readableBytes > 0 {
      let count = rest.withUnsafeReadableBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count > 0 {
        rest.moveReaderIndex(forwardBy: min(count, rest.readableBytes))
      } else if count < 0, errno == EAGAIN || errno == EINTR {
        guard wait(POLLOUT, until: deadline) else { throw Fault(.workerDied, "write timed out") }
      } else {
        throw Fault(.workerDied, "write: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// The next frame. Throws `.workerDied` at the end of the stream, at the deadline, or for bytes that are no frame.
  func receive(within limit: Duration) throws(Fault) -> WorkerFrame {
    let deadline = ContinuousClock.now + limit
    while true {
      do {
        if let frame = try reader.next() { return frame }
      } catch {
        throw Fault(.workerDied, "protocol: \(error)")
      }
      guard wait(POLLIN, until: deadline) else { throw Fault(.workerDied, "no answer in time") }
      let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { room -> Int in
        let count = recv(descriptor, room.baseAddress, room.count, 0)
        if count > 0 { reader.feed(UnsafeRawBufferPointer(rebasing: room[..<count])) }
        return count
      }
      if count == 0 { throw Fault(.workerDied, "connection closed") }
      if count < 0, errno != EAGAIN, errno != EINTR { throw Fault(.workerDied, "read: \(String(cString: strerror(errno)))") }
    }
  }

  private func wait(_ events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return false }
      let (seconds, attoseconds) = left.components
      let milliseconds = min(seconds, 3600) * 1000 + attoseconds / 1_000_000_000_000_000 + 1
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      let ready = poll(&entry, 1, Int32(milliseconds))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return true }  // the call that follows gives the error
    }
  }
}

internal import Glibc
internal import Model
internal import NIOConcurrencyHelpers

/// The listening end of the worker socket: hands each slot the connection of the process that the slot has started.
///
/// `@unchecked Sendable`: `parked` is behind its lock; the descriptor never changes.
final class WorkerReception: @unchecked Sendable {
  private let listener: Int32
  private let path: String
  private let parked = NIOLockedValueBox<[Int32: WorkerConnection]>([:])

  init(path: String) throws(Fault) {
    listener = try WorkerSocket.listen(at: path)
    self.path = path
    _ = fcntl(listener, F_SETFL, O_NONBLOCK)
  }

  deinit {
    _ = close(listener)
    _ = unlink(path)
  }

  /// Waits for the hello of the process `pid`. Throws `.workerDied` when it does not come in time, or the worker ends before.
  func meet(_ worker: any WorkerHandle, within limit: Duration) throws(Fault) -> WorkerConnection {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
      acceptAll()
      if let connection = parked.withLockedValue({ $0.removeValue(forKey: worker.pid) }) {
        let frame = try connection.receive(within: limit)
        guard let hello = WorkerHello(frame), hello.work == "decode" else { throw Fault(.workerDied, "an unknown hello") }
        return connection
      }
      if worker.hasEnded { throw Fault(.workerDied, "ended before it said hello") }
      var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      _ = poll(&entry, 1, 50)
    }
    throw Fault(.workerDied, "no hello in time")
  }

  /// Connections of other users are closed without a word; those of our own wait for their slot.
  private func acceptAll() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)  // before any other spawn gets it: those close all above 2 anyway
      let connection = WorkerConnection(descriptor)
      guard let peer = connection.peer, peer.uid == getuid() else { continue }
      parked.withLockedValue { $0[peer.pid] = connection }
    }
  }
}

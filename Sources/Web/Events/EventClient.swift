internal import NIOCore
internal import Synchronization

/// One reader of the event stream: a bounded queue between the feed, which never waits, and the client's connection, which may.
final class EventClient: Sendable {
  private struct State {
    var queue: EventQueue
    var isClosed = false
    /// Events that were read, and how many of them at the last beat.
    var read = 0
    var readAtBeat = 0
    /// The connection's task, while it waits for the next event.
    var reader: CheckedContinuation<ByteBuffer?, Never>?
  }

  /// Who it is, for the limit.
  let address: String
  private let state: Mutex<State>
  /// Closes the connection: a client that does not read keeps its task in a write for ever.
  private let disconnect: @Sendable () -> Void

  init(address: String, limits: EventLimits, disconnect: @escaping @Sendable () -> Void) {
    self.address = address
    self.disconnect = disconnect
    state = Mutex(State(queue: EventQueue(limits)))
  }

  /// Events and bytes that wait for it.
  var queued: (events: Int, bytes: Int) { state.withLock { ($0.queue.count, $0.queue.bytes) } }

  /// Once a beat: whether events wait of which none was read since the beat before.
  func hasStalled() -> Bool {
    state.withLock { state in
      defer { state.readAtBeat = state.read }
      return state.queue.count > 0 && state.read == state.readAtBeat
    }
  }

  /// False when its queue is full; the event is not added then.
  func offer(_ event: ByteBuffer) -> Bool {
    let (accepted, reader) = state.withLock { state -> (Bool, CheckedContinuation<ByteBuffer?, Never>?) in
      guard !state.isClosed else { return (true, nil) }
      guard let reader = state.reader else { return (state.queue.append(event), nil) }
      state.reader = nil
      return (true, reader)
    }
    reader?.resume(returning: event)
    return accepted
  }

  /// The next event, as soon as there is one; nil when the stream has ended or the task is cancelled. One task reads.
  func next() async -> ByteBuffer? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { reader in
        let (event, waits) = state.withLock { state -> (ByteBuffer?, Bool) in
          state.read &+= 1
          if let event = state.queue.popFirst() { return (event, false) }
          guard !state.isClosed else { return (nil, false) }
          state.reader = reader
          return (nil, true)
        }
        if !waits { reader.resume(returning: event) }
      }
    } onCancel: {
      abandon()
    }
  }

  /// Nothing more comes; what waits may still be read.
  func finish() { close { _ in } }

  /// Nothing more is read: what waits is gone.
  func abandon() { close { $0.queue.removeAll() } }

  /// For a client that does not read.
  func cutOff() {
    abandon()
    disconnect()
  }

  private func close(_ body: (inout State) -> Void) {
    let reader = state.withLock { state in
      defer { state.reader = nil }
      state.isClosed = true
      body(&state)
      return state.reader
    }
    reader?.resume(returning: nil)
  }
}

internal import DequeModule
internal import NIOCore

/// Encoded events that wait for one client, bounded by number and bytes. It never drops one: an event too many ends the client instead, so that what a
/// client reads has no hole that it cannot see.
struct EventQueue {
  private var events: Deque<ByteBuffer> = []
  private let limits: EventLimits
  /// Of all events that wait.
  private(set) var bytes = 0

  init(_ limits: EventLimits) { self.limits = limits }

  var count: Int { events.count }

  /// False, and nothing is added, where a limit would be passed.
  mutating func append(_ event: ByteBuffer) -> Bool {
    guard events.count < limits.queuedEvents, bytes + event.readableBytes <= limits.queuedBytes else { return false }
    events.append(event)
    bytes += event.readableBytes
    return true
  }

  mutating func popFirst() -> ByteBuffer? {
    guard let event = events.popFirst() else { return nil }
    bytes -= event.readableBytes
    return event
  }

  mutating func removeAll() {
    events.removeAll()
    bytes = 0
  }
}

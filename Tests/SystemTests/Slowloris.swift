import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Connections that never come to the point, on one port: a third say nothing, a third half a line, a third a byte a second of it.
enum Slowloris {
  struct Outcome: Sendable {
    /// Seconds from its opening until the node closed each connection.
    var closedAfter: [Double] = []
    var stillOpen = 0
  }

  private struct Held {
    var socket: RawSocket
    var opened: ContinuousClock.Instant
    var trickle: [UInt8]
  }

  /// Opens `count` connections and reads each until its end. Blocks for at most `limit`.
  static func hold(_ count: Int, port: Int, half: [UInt8], limit: Duration) -> Outcome {
    var held = (0..<count).compactMap { index -> Held? in
      guard let socket = try? RawSocket.tcp(port: port) else { return nil }
      if index % 3 == 1 { socket.write(half) }
      return Held(socket: socket, opened: .now, trickle: index % 3 == 2 ? half : [])
    }
    var outcome = Outcome(stillOpen: count - held.count)
    let end = ContinuousClock.now + limit
    var second = 0
    let start = ContinuousClock.now
    while !held.isEmpty, ContinuousClock.now < end {
      var polled = held.map { pollfd(fd: $0.socket.descriptor, events: Int16(POLLIN), revents: 0) }
      poll(&polled, nfds_t(polled.count), 100)
      held.removeAll { one in
        // What the node says before it closes is of no interest.
        while case let reading = one.socket.read(waiting: false), reading != .silence {
          guard reading == .end else { continue }
          outcome.closedAfter.append((ContinuousClock.now - one.opened) / .seconds(1))
          return true
        }
        return false
      }
      guard ContinuousClock.now - start > .seconds(second) else { continue }
      second += 1
      for index in held.indices where !held[index].trickle.isEmpty { held[index].socket.write([held[index].trickle.removeFirst()]) }
    }
    outcome.stillOpen += held.count
    return outcome
  }
}

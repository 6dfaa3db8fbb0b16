import Dispatch
import Model
import NIOConcurrencyHelpers
import NIOCore

@testable import Transport

/// Writes down what a loop hands to a receiver, in order.
///
/// `@unchecked Sendable`: touched on the loop only; `events` is a stream.
final class DatagramEvents: DatagramReceiver, @unchecked Sendable {
  enum Event: Equatable {
    case datagram(flow: Int, bytes: [UInt8], arrival: BootTime, lag: Nanoseconds, overflows: UInt32)
    case roundEnded
    case stepped(Nanoseconds)

    var bytes: [UInt8]? { if case .datagram(_, let bytes, _, _, _) = self { bytes } else { nil } }
  }

  let events: AsyncStream<Event>
  /// Called before a datagram is written down.
  var onDatagram: ((Datagram) -> Void)?
  private let continuation: AsyncStream<Event>.Continuation

  init() { (events, continuation) = AsyncStream.makeStream(of: Event.self) }

  func receive(_ datagram: Datagram) {
    onDatagram?(datagram)
    continuation.yield(
      .datagram(
        flow: datagram.flow, bytes: Array(datagram.bytes), arrival: datagram.arrival, lag: datagram.lag, overflows: datagram.overflows))
  }

  func roundEnded(at now: BootTime) { continuation.yield(.roundEnded) }
  func clockStepped(by step: Nanoseconds, at now: BootTime) { continuation.yield(.stepped(step)) }

  /// Events up to and with the first that fits; all when the stream ends before.
  func until(_ fits: (Event) -> Bool) async -> [Event] {
    var seen: [Event] = []
    for await event in events {
      seen.append(event)
      if fits(event) { break }
    }
    return seen
  }

  func end() { continuation.finish() }
}

/// Holds a loop until it is let go, as a machine without time would hold it.
struct HeldLoop {
  private let gate = DispatchSemaphore(value: 0)

  static func hold(_ loop: MediaLoop) async -> HeldLoop {
    let held = HeldLoop()
    let (stands, standing) = AsyncStream<Void>.makeStream()
    loop.execute {
      standing.yield()
      held.gate.wait()
    }
    for await _ in stands { break }
    return held
  }

  func letGo() { gate.signal() }
}

extension DatagramSocket {
  /// A socket on a free port of this machine.
  static func local(room: Int = usualRoom) throws -> DatagramSocket { try bind(.loopback, room: room) }

  @discardableResult
  func send(_ bytes: [UInt8], to peer: PeerAddress) -> Sent { send(ByteBuffer(bytes: bytes), to: peer) }
}

extension PeerAddress {
  /// 127.0.0.1 and any port.
  static var loopback: PeerAddress {
    get throws { PeerAddress(try SocketAddress(ipAddress: "127.0.0.1", port: 0)) }
  }
}

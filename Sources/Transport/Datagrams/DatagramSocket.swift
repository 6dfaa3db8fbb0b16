internal import CLinux
internal import Glibc
public import Model
public import NIOCore

/// A bound UDP socket. It closes with its last reference, so a sender on another thread never writes to a descriptor that is another socket's by
/// now. Any thread may send; a ``MediaLoop`` receives (``MediaLoop/watch(_:flow:receiver:)``).
public final class DatagramSocket: Sendable {
  /// Bytes asked for in either direction: a key frame of a 4K camera arrives as one burst of two megabytes.
  public static let usualRoom = 4 << 20

  /// What sending a datagram came to.
  public enum Sent: Sendable, Hashable {
    case sent
    /// The socket's buffer is full: the datagram is lost, a later one may go.
    case noRoom
    /// errno: the address cannot be reached, the datagram is too long, or an earlier one met nobody (ECONNREFUSED, once).
    case failed(CInt)
  }

  let descriptor: CInt
  /// Where it is bound, with the port that the kernel chose.
  public let address: PeerAddress

  private init(_ descriptor: CInt, _ address: PeerAddress) {
    self.descriptor = descriptor
    self.address = address
  }

  deinit { close(descriptor) }

  /// The bound port.
  public var port: UInt16 { address.port }

  /// Binds a socket that stamps what it receives (SO_TIMESTAMPNS) and counts what it loses (SO_RXQ_OVFL).
  /// - Parameters:
  ///   - address: port 0 lets the kernel choose.
  ///   - sharesPort: other sockets may be bound to the same port, if each of them says so (SO_REUSEPORT); the kernel gives each source address to
  ///     one of them.
  ///   - room: bytes of the receive and send buffers, as far as the machine allows.
  /// - Throws: ``FaultCode/portInUse`` when the port is taken, ``FaultCode/transportUnsupported`` for anything else.
  public static func bind(_ address: PeerAddress, sharesPort: Bool = false, room: Int = DatagramSocket.usualRoom) throws(Fault) -> DatagramSocket {
    let descriptor = address.withSockAddr { ff_datagram_socket($0, $1, CInt(clamping: room), sharesPort ? 1 : 0) }
    guard descriptor >= 0 else {
      let reason = String(cString: strerror(0 &- descriptor))
      throw Fault(descriptor == -EADDRINUSE ? .portInUse : .transportUnsupported, "UDP \(address): \(reason)")
    }
    guard let bound = SocketAddresses.local(of: descriptor) else {
      close(descriptor)
      throw Fault(.transportUnsupported, "UDP \(address): no address")
    }
    return DatagramSocket(descriptor, PeerAddress(bound))
  }

  /// Sends one datagram without blocking. From any thread.
  @discardableResult
  public func send(_ bytes: UnsafeRawBufferPointer, to peer: PeerAddress) -> Sent {
    let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
    let answer = peer.withSockAddr { sendto(descriptor, bytes.baseAddress, bytes.count, flags, $0, $1) }
    guard answer < 0 else { return .sent }
    let reason = errno
    return reason == EAGAIN || reason == ENOBUFS ? .noRoom : .failed(reason)
  }

  /// Sends one datagram without blocking. From any thread.
  @discardableResult
  public func send(_ bytes: ByteBuffer, to peer: PeerAddress) -> Sent { bytes.withUnsafeReadableBytes { send($0, to: peer) } }
}

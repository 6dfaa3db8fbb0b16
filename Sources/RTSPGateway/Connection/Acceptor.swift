internal import CLinux
internal import Glibc
internal import Logging
internal import Model
internal import NIOCore

/// Listens on a TCP port and hands over each connection's descriptor. Our own instead of the event loop's, because a connection that knows
/// its descriptor can write to it directly (``RTSPWire``).
///
/// `@unchecked Sendable`: all stored properties are constant; the thread ends when the listening socket is shut down.
final class Acceptor: @unchecked Sendable {
  private let listener: Int32
  let port: UInt16
  private let logger: Logger

  /// Binds and listens. Throws ``FaultCode/portInUse``.
  init(host: String, port: UInt16, logger: Logger) throws(Fault) {
    self.logger = logger
    let address: SocketAddress
    do {
      address = try SocketAddress.makeAddressResolvingHost(host, port: Int(port))
    } catch {
      throw Fault(.portInUse, "RTSP \(host): \(error)")
    }
    listener = PeerAddress(address).withSockAddr { ff_listen($0, $1, 1024) }
    guard listener >= 0 else {
      throw Fault(.portInUse, "RTSP \(host):\(port): \(String(cString: strerror(0 &- listener)))")
    }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let listener = listener
    let answer = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    self.port = answer == 0 ? PeerAddress(storage, length: length).port : port
  }

  deinit { close(listener) }

  /// Begins to accept; `accepted` is called on the acceptor's own thread and owns the descriptor.
  func start(_ accepted: @escaping @Sendable (Int32) -> Void) throws(Fault) {
    let body = Body(acceptor: self, accepted: accepted)
    var thread = pthread_t()
    let held = Unmanaged.passRetained(body)
    let answer = pthread_create(
      &thread, nil,
      { raw in
        if let raw {
          let body = Unmanaged<Body>.fromOpaque(raw).takeRetainedValue()
          body.acceptor.run(body.accepted)
        }
        return nil
      }, held.toOpaque())
    guard answer == 0 else {
      held.release()
      throw Fault(.portInUse, "no thread for the RTSP port: \(answer)")
    }
    pthread_detach(thread)
  }

  /// Ends the thread: a blocked accept returns at once.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private final class Body: Sendable {
    let acceptor: Acceptor
    let accepted: @Sendable (Int32) -> Void
    init(acceptor: Acceptor, accepted: @escaping @Sendable (Int32) -> Void) {
      self.acceptor = acceptor
      self.accepted = accepted
    }
  }

  private func run(_ accepted: @Sendable (Int32) -> Void) {
    ff_name_thread("ff-accept")
    while true {
      let descriptor = ff_accept(listener)
      if descriptor >= 0 {
        accepted(descriptor)
        continue
      }
      switch 0 &- descriptor {
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH, ENETUNREACH, EPERM: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        // The connection stays in the backlog; asking again at once would only burn the processor.
        logger.warning("no descriptor for another connection")
        usleep(50_000)
      default: return
      }
    }
  }
}

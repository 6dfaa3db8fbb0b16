internal import CLinux
internal import Glibc
internal import Logging
internal import Model
internal import NIOCore

/// Listens on a TCP port and hands over each connection's descriptor, from a thread of its own: a burst of connections does not hold up media.
///
/// `@unchecked Sendable`: all stored properties are constant; the thread ends when the listening socket is shut down.
final class Acceptor: @unchecked Sendable {
  private let listener: CInt
  /// The bound port.
  let port: UInt16
  /// Finishes when the thread has ended; no connection is handed over after that.
  let ended: AsyncStream<Never>
  private let ending: AsyncStream<Never>.Continuation
  private let logger: Logger

  /// Binds and listens. Looks the host's name up: only for start-up. Throws ``FaultCode/portInUse``.
  /// - Parameters:
  ///   - port: 0 lets the kernel choose.
  ///   - sharesPort: other acceptors may listen on the same port, if each of them says so (SO_REUSEPORT).
  init(host: String, port: UInt16, sharesPort: Bool = false, logger: Logger) throws(Fault) {
    self.logger = logger
    (ended, ending) = AsyncStream.makeStream()
    let address: SocketAddress
    do {
      address = try SocketAddress.makeAddressResolvingHost(host, port: Int(port))
    } catch {
      throw Fault(.portInUse, "\(host): \(error)")
    }
    listener = address.withSockAddr { ff_listen($0, socklen_t($1), 1024, sharesPort ? 1 : 0) }
    guard listener >= 0 else {
      throw Fault(.portInUse, "\(host):\(port): \(String(cString: strerror(0 &- listener)))")
    }
    self.port = SocketAddresses.local(of: listener)?.port.map { UInt16(clamping: $0) } ?? port
  }

  deinit { close(listener) }

  /// Begins to accept; `accepted` is called on the acceptor's own thread and owns the descriptor. Throws ``FaultCode/portInUse``.
  func start(_ accepted: @escaping @Sendable (CInt) -> Void) throws(Fault) {
    guard OwnThread.start("ff-accept", { self.run(accepted) }) else { throw Fault(.portInUse, "port \(port): no thread") }
  }

  /// Ends the thread: a blocked accept returns at once.
  func stop() { shutdown(listener, CInt(SHUT_RDWR)) }

  private func run(_ accepted: @Sendable (CInt) -> Void) {
    defer { ending.finish() }
    var warned: ContinuousClock.Instant?
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
        if warned.map({ .now - $0 >= .seconds(60) }) != false {
          logger.warning("no descriptor for another connection")
          warned = .now
        }
        usleep(50_000)
      default: return
      }
    }
  }
}

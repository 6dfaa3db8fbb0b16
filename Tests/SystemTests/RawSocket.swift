import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A bare loopback socket with short timeouts, for clients that no library would be. Blocks: used on threads of the test's own.
final class RawSocket {
  enum Reading: Equatable {
    case bytes([UInt8])
    case silence
    /// Closed or reset by the peer.
    case end
  }

  struct Failure: Error { var errno: Int32 }

  let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 16_384)

  /// Connects to 127.0.0.1; each read and write waits for at most `timeoutMilliseconds`.
  static func tcp(port: Int, timeoutMilliseconds: Int = 40) throws -> RawSocket {
    let socket = try RawSocket(type: Int32(SOCK_STREAM.rawValue), timeoutMilliseconds)
    guard withAddress([127, 0, 0, 1], port, { connect(socket.descriptor, $0, $1) }) == 0 else { throw Failure(errno: errno) }
    return socket
  }

  /// Bound to `host`, on a port of the kernel's choice.
  static func udp(host: [UInt8] = [127, 0, 0, 1]) throws -> RawSocket {
    let socket = try RawSocket(type: Int32(SOCK_DGRAM.rawValue), 40)
    guard withAddress(host, 0, { bind(socket.descriptor, $0, $1) }) == 0 else { throw Failure(errno: errno) }
    return socket
  }

  private init(type: Int32, _ timeoutMilliseconds: Int) throws {
    descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    var timeout = timeval(tv_sec: timeoutMilliseconds / 1000, tv_usec: timeoutMilliseconds % 1000 * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  deinit { close(descriptor) }

  private static func withAddress<T>(_ host: [UInt8], _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = host.reduce(0) { $0 << 8 | in_addr_t($1) }.bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  /// The port it is bound to.
  var port: Int {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  /// Writes it all; false when the peer takes no more.
  @discardableResult func write(_ bytes: [UInt8]) -> Bool {
    var at = 0
    while at < bytes.count {
      let count = bytes[at...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      at += count
    }
    return true
  }

  /// Sends one datagram to 127.0.0.1.
  @discardableResult func sendDatagram(_ bytes: [UInt8], to port: Int) -> Bool {
    bytes.withUnsafeBytes { bytes in
      RawSocket.withAddress([127, 0, 0, 1], port) { sendto(descriptor, bytes.baseAddress, bytes.count, 0, $0, $1) } == bytes.count
    }
  }

  /// What there is; `waiting: false` does not wait for it.
  func read(waiting: Bool = true) -> Reading {
    let flags = waiting ? 0 : Int32(MSG_DONTWAIT)
    let count = recv(descriptor, &buffer, buffer.count, flags)
    if count > 0 { return .bytes(Array(buffer[..<count])) }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? .silence : .end
  }

  /// The first bytes that come; none when nothing does.
  func readFirst() -> [UInt8] {
    if case .bytes(let bytes) = read() { bytes } else { [] }
  }

  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Makes the closing a reset.
  func abort() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}

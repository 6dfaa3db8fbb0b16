internal import Glibc
internal import Model

/// Two connected stream sockets of this process, both non-blocking, for tests of what stands on a socket.
public enum SocketPair {
  /// - Returns: descriptors that the caller closes.
  public static func make() throws -> (near: CInt, far: CInt) {
    var ends: [CInt] = [0, 0]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Fault(.transportUnsupported, "socketpair: errno \(errno)")
    }
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    return (ends[0], ends[1])
  }

  /// Closes one end.
  public static func close(_ descriptor: CInt) { _ = Glibc.close(descriptor) }

  /// Writes a few bytes at once.
  /// - Returns: how many the kernel accepted.
  @discardableResult
  public static func send(_ bytes: [UInt8], to descriptor: CInt) -> Int {
    bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
  }
}

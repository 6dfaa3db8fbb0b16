internal import Glibc
internal import NIOCore

/// The two ends of a connected socket.
enum SocketAddresses {
  static func local(of descriptor: CInt) -> SocketAddress? { address { getsockname(descriptor, $0, $1) } }
  static func remote(of descriptor: CInt) -> SocketAddress? { address { getpeername(descriptor, $0, $1) } }

  private static func address(_ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let answer = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask($0, &length) }
    }
    guard answer == 0 else { return nil }
    return withUnsafeBytes(of: storage) { bytes in
      switch CInt(storage.ss_family) {
      case AF_INET: SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
      case AF_INET6: SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
      default: nil
      }
    }
  }
}

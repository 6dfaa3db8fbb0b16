internal import CLinux
internal import Glibc
internal import NIOCore

/// The addresses of a socket's two ends.
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
    return withUnsafeBytes(of: storage) { address($0) }
  }

  /// Of the kernel's form; nil for what is neither IPv4 nor IPv6.
  static func address(_ bytes: UnsafeRawBufferPointer) -> SocketAddress? {
    guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch CInt(bytes.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size: return SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
    default: return nil
    }
  }
}

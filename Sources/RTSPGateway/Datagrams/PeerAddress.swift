internal import CLinux
internal import Glibc
internal import NIOCore

/// An IP address and port as the kernel writes them: compared for each datagram, handed back for sending.
struct PeerAddress: Sendable {
  private(set) var storage: sockaddr_storage
  private(set) var length: socklen_t

  init(_ storage: sockaddr_storage, length: socklen_t) {
    self.storage = storage
    self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
  }

  init(_ address: SocketAddress) {
    var storage = sockaddr_storage()
    var length: socklen_t = 0
    address.withSockAddr { pointer, size in
      let count = min(size, MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count)) }
      length = socklen_t(count)
    }
    self.init(storage, length: length)
  }

  var isIPv6: Bool { storage.ss_family == sa_family_t(AF_INET6) }

  var port: UInt16 {
    get { withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) } }
    set { withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self) } }
  }

  func with(port: UInt16) -> PeerAddress {
    var other = self
    other.port = port
    return other
  }

  /// Whether the hosts are equal, whatever the ports: IPv4 lies at offset 4 of `sockaddr_in`, IPv6 at offset 8 of `sockaddr_in6`.
  func sameHost(as other: PeerAddress) -> Bool {
    guard storage.ss_family == other.storage.ss_family else { return false }
    return withUnsafeBytes(of: storage) { mine in
      withUnsafeBytes(of: other.storage) { theirs in
        isIPv6
          ? mine.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == theirs.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            && mine.loadUnaligned(fromByteOffset: 16, as: UInt64.self) == theirs.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
          : mine.loadUnaligned(fromByteOffset: 4, as: UInt32.self) == theirs.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
      }
    }
  }

  func withSockAddr<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}

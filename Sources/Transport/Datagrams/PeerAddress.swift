internal import CLinux
internal import Glibc
public import NIOCore

/// An IP address and port as the kernel writes them: compared for each datagram, handed back for sending, without a conversion. Two are equal when
/// family, address and port are; IPv6 flow labels and scopes do not count.
public struct PeerAddress: Sendable {
  /// A `sockaddr_in` or `sockaddr_in6` and zeros.
  private(set) var storage: sockaddr_storage
  /// Bytes of ``storage`` that are used.
  private(set) var length: socklen_t

  /// - Parameter length: as the kernel gave it.
  init(_ storage: sockaddr_storage, length: socklen_t) {
    self.storage = storage
    self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
  }

  /// The same address in the kernel's form.
  public init(_ address: SocketAddress) {
    var storage = sockaddr_storage()
    var length: socklen_t = 0
    address.withSockAddr { pointer, size in
      let count = min(size, MemoryLayout<sockaddr_storage>.size)
      withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count)) }
      length = socklen_t(count)
    }
    self.init(storage, length: length)
  }

  /// Whether it is a `sockaddr_in6`; an IPv4 peer of a socket for both families is one too.
  public var isIPv6: Bool { storage.ss_family == sa_family_t(AF_INET6) }

  /// In host order.
  public var port: UInt16 {
    get { withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) } }
    set { withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: newValue.bigEndian, toByteOffset: 2, as: UInt16.self) } }
  }

  /// The same host with another port.
  public func with(port: UInt16) -> PeerAddress {
    var other = self
    other.port = port
    return other
  }

  /// Whether the hosts are equal, whatever the ports.
  public func sameHost(as other: PeerAddress) -> Bool { storage.ss_family == other.storage.ss_family && host == other.host }

  /// Calls `body` with the address as the socket calls want it.
  func withSockAddr<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The address in two words: IPv4 lies at offset 4 of `sockaddr_in`, IPv6 at offset 8 of `sockaddr_in6`.
  private var host: SIMD2<UInt64> {
    withUnsafeBytes(of: storage) { bytes in
      isIPv6
        ? SIMD2(bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        : SIMD2(UInt64(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)), 0)
    }
  }
}

extension PeerAddress: Hashable {
  /// Whether family, host and port are equal.
  public static func == (a: PeerAddress, b: PeerAddress) -> Bool { a.port == b.port && a.sameHost(as: b) }

  /// Of host and port.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(port)
    hasher.combine(host)
  }
}

extension PeerAddress: CustomStringConvertible {
  /// `192.0.2.1:5004`, `[2001:db8::1]:5004`.
  public var description: String {
    withUnsafeBytes(of: storage) { bytes in
      if isIPv6 {
        return "[\(SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self)).ipAddress ?? "")]:\(port)"
      }
      return "\(SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self)).ipAddress ?? ""):\(port)"
    }
  }
}

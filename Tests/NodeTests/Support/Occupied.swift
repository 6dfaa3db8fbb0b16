import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A socket that listens on a loopback port for as long as it is kept, so that nobody else can.
final class Occupied {
  let port: Int
  private let file: Int32

  init(_ port: Int) throws {
    self.port = port
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(clamping: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    try #require(bound == 0 && listen(file, 1) == 0)
  }

  deinit { close(file) }
}

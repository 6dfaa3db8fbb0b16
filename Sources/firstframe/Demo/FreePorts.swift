internal import Model

#if canImport(Glibc)
  internal import Glibc
#endif

/// TCP ports of the loopback address that nobody uses now.
enum FreePorts {
  /// Whether a port can be bound now; 0 always can.
  static func isFree(_ port: Int) -> Bool {
    guard let bound = bind(port) else { return false }
    close(bound.file)
    return true
  }

  /// Whether datagrams can be received on a port now.
  static func isFree(datagrams port: Int) -> Bool {
    guard let bound = bind(port, SOCK_DGRAM) else { return false }
    close(bound.file)
    return true
  }

  /// `count` ports, all different. Throws ``FaultCode/portInUse`` when the kernel has none left.
  static func find(_ count: Int) throws(Fault) -> [Int] {
    var files: [Int32] = []
    // All are held until the last is found: the kernel would give the same again.
    defer { for file in files { close(file) } }
    var ports: [Int] = []
    for _ in 0..<count {
      guard let bound = bind(0) else { throw Fault(.portInUse, "127.0.0.1") }
      files.append(bound.file)
      ports.append(bound.port)
    }
    return ports
  }

  /// A socket that is bound to a port; nil when that cannot be.
  /// - Parameter port: 0 lets the kernel choose.
  private static func bind(_ port: Int, _ kind: __socket_type = SOCK_STREAM) -> (file: Int32, port: Int)? {
    guard let port = UInt16(exactly: port) else { return nil }
    let file = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { return nil }
    var one: Int32 = 1
    // As servers do: a port whose last connections still wait for late packets is free.
    if kind == SOCK_STREAM { setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size)) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        Glibc.bind(file, generic, length) == 0 && getsockname(file, generic, &length) == 0
      }
    }
    guard isBound else {
      close(file)
      return nil
    }
    return (file, Int(UInt16(bigEndian: address.sin_port)))
  }
}

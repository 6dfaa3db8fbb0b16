import FirstFrameTesting
import Glibc

/// A plain blocking IPv4 socket of the calling thread's namespace, as any camera has it, or what stands for the centre in a test of the lab.
final class FieldSocket: Sendable {
  let descriptor: Int32

  private init(_ type: __socket_type, local place: (host: String, port: UInt16)? = nil, patience: Int = 15) throws {
    descriptor = socket(AF_INET, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw LabTrouble("no socket") }
    // Nothing waits for ever.
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard let place else { return }
    let bound = FieldSocket.with(place.host, place.port) { bind(descriptor, $0, $1) }
    guard bound == 0 else { throw LabTrouble("port \(place.port): \(String(cString: strerror(errno)))") }
  }

  deinit { close(descriptor) }

  /// - Parameter patience: seconds after which receiving gives up.
  static func datagrams(_ port: UInt16, host: String = NetworkLab.fieldAddress, patience: Int = 15) throws -> FieldSocket {
    try FieldSocket(SOCK_DGRAM, local: (host, port), patience: patience)
  }

  static func connection(to port: UInt16) throws -> FieldSocket {
    let made = try FieldSocket(SOCK_STREAM)
    guard with(NetworkLab.centreAddress, port, { connect(made.descriptor, $0, $1) }) == 0 else {
      throw LabTrouble("no connection: \(String(cString: strerror(errno)))")
    }
    return made
  }

  func send(_ bytes: [UInt8], to port: UInt16) throws {
    let sent = FieldSocket.with(NetworkLab.centreAddress, port) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    // An ICMP answer to a datagram before is no failure of this one.
    guard sent == bytes.count || errno == ECONNREFUSED else { throw LabTrouble("not sent: \(String(cString: strerror(errno)))") }
  }

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw LabTrouble("not sent") }
  }

  /// The next datagram; nil when none comes.
  func receive() -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: 2048)
    let count = recv(descriptor, &room, room.count, 0)
    return count < 0 ? nil : Array(room[..<count])
  }

  /// What came up to the empty line that ends an answer's head.
  func answer() throws -> String {
    var all: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: all, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(descriptor, &room, room.count, 0)
      guard count > 0 else { throw LabTrouble("no answer") }
      all += room[..<count]
    }
    return String(decoding: all, as: UTF8.self)
  }

  private static func with<Value>(_ host: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }
}

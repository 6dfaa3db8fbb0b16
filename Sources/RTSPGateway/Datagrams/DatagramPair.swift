internal import CLinux
internal import Glibc
internal import Model
internal import Wire

/// Two bound sockets of one track: RTP on an even port, RTCP on the one above (RFC 3550 §11). They close with the last reference, so a
/// sender on another thread never writes to a descriptor that is somebody else's by now.
final class DatagramPair: Sendable {
  let rtp: Int32
  let rtcp: Int32
  let ports: RTSPTransport.Ports

  private init(rtp: Int32, rtcp: Int32, ports: RTSPTransport.Ports) {
    self.rtp = rtp
    self.rtcp = rtcp
    self.ports = ports
  }

  deinit {
    close(rtp)
    close(rtcp)
  }

  /// Bytes asked for in either direction: a key frame of a 4K camera arrives as one burst of two megabytes.
  private static let room: Int32 = 4 << 20

  /// Binds a pair on the host of `local`. `port` is even, or 0 for any. Nil when either port is taken.
  static func bind(host local: PeerAddress, port: UInt16) throws(Fault) -> DatagramPair? {
    let first = open(local.with(port: port))
    guard first >= 0 else { return try refuse(first) }
    let bound = port == 0 ? boundPort(first) : port
    guard bound > 0, bound < .max, bound % 2 == 0 else {
      close(first)
      return nil
    }
    let second = open(local.with(port: bound + 1))
    guard second >= 0 else {
      close(first)
      return try refuse(second)
    }
    return DatagramPair(rtp: first, rtcp: second, ports: RTSPTransport.Ports(rtp: bound, rtcp: bound + 1))
  }

  private static func open(_ address: PeerAddress) -> Int32 { address.withSockAddr { ff_udp_socket($0, $1, room) } }

  private static func refuse(_ answer: Int32) throws(Fault) -> DatagramPair? {
    if answer == -EADDRINUSE { return nil }
    throw Fault(.transportUnsupported, "UDP socket: \(String(cString: strerror(0 &- answer)))")
  }

  private static func boundPort(_ descriptor: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let answer = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return answer == 0 ? PeerAddress(storage, length: length).port : 0
  }
}

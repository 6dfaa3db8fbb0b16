public import Model

/// The two sockets of one RTP session: RTP on an even port, RTCP on the next one (RFC 3550 §11).
public struct DatagramSocketPair: Sendable {
  /// On the even port.
  public let rtp: DatagramSocket
  /// On the port above ``rtp``'s.
  public let rtcp: DatagramSocket

  /// Binds a pair.
  /// - Parameters:
  ///   - host: the local address; its port does not matter.
  ///   - port: the RTP port, even; 0 lets the kernel choose.
  /// - Returns: nil when one of the two ports is taken, or when the kernel chose an odd one: try again.
  /// - Throws: ``FaultCode/transportUnsupported`` when there can be no such sockets.
  public static func bind(host: PeerAddress, port: UInt16) throws(Fault) -> DatagramSocketPair? {
    guard port % 2 == 0, let rtp = try free(host.with(port: port)), rtp.port % 2 == 0, rtp.port < .max else { return nil }
    guard let rtcp = try free(host.with(port: rtp.port + 1)) else { return nil }
    return DatagramSocketPair(rtp: rtp, rtcp: rtcp)
  }

  /// Nil when the port is taken.
  private static func free(_ address: PeerAddress) throws(Fault) -> DatagramSocket? {
    do {
      return try DatagramSocket.bind(address)
    } catch {
      if error.code == .portInUse { return nil }
      throw error
    }
  }
}

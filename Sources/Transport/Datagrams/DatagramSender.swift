internal import CLinux
public import NIOCore

/// Sends a track's packets to one UDP peer, from the ports that the session announced, so that NATs let them through. Counts what it sends.
public struct DatagramSender: Sendable {
  /// Where it is sent from; held, so that it stays open.
  public let pair: DatagramSocketPair
  /// Where RTP goes; changes when the peer turns out to stand behind a NAT.
  public var rtpPeer: PeerAddress
  /// Where RTCP goes.
  public var rtcpPeer: PeerAddress
  /// 1 until the kernel or the route refuses UDP_SEGMENT.
  private var segmentation: CInt = 1
  /// RTP packets that the kernel took.
  public private(set) var packets: UInt64 = 0
  /// Their bytes, RTP headers included.
  public private(set) var bytes: UInt64 = 0
  /// RTP packets that found no room in the socket's buffer, or no way to the peer.
  public private(set) var dropped: UInt64 = 0

  /// Nothing is sent yet.
  public init(pair: DatagramSocketPair, rtpPeer: PeerAddress, rtcpPeer: PeerAddress) {
    self.pair = pair
    self.rtpPeer = rtpPeer
    self.rtcpPeer = rtcpPeer
  }

  /// Sends the packets of one channel of interleaved framing (RFC 2326 §10.12), each as a datagram, without blocking. What finds no room is
  /// dropped and counted.
  public mutating func send(framed: ByteBuffer, channel: UInt8) {
    let sent = framed.withUnsafeReadableBytes { bytes in
      rtpPeer.withSockAddr { address, length in
        ff_send_framed(
          pair.rtp.descriptor, address, length, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, channel, &segmentation)
      }
    }
    packets &+= UInt64(sent.packets)
    bytes &+= sent.bytes
    dropped &+= UInt64(sent.dropped)
  }

  /// Sends one RTCP compound packet.
  public func send(rtcp: ByteBuffer) { pair.rtcp.send(rtcp, to: rtcpPeer) }

  /// Opens the way through a NAT towards us with an RTP packet without payload and an empty receiver report, as clients do.
  public func punch() {
    pair.rtp.send(ByteBuffer(bytes: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), to: rtpPeer)
    send(rtcp: ByteBuffer(bytes: [0x80, 201, 0, 1, 0, 0, 0, 0]))
  }
}

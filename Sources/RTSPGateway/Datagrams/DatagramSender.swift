internal import CLinux
internal import Glibc
internal import NIOCore

/// Sends a track's packets to one UDP peer, from the ports that the session told it, so that NATs let them through.
struct DatagramSender {
  let pair: DatagramPair
  var rtpPeer: PeerAddress
  var rtcpPeer: PeerAddress
  private var segmentation: Int32 = 1
  private(set) var packets: UInt64 = 0
  private(set) var bytes: UInt64 = 0
  private(set) var dropped: UInt64 = 0

  init(pair: DatagramPair, rtpPeer: PeerAddress, rtcpPeer: PeerAddress) {
    self.pair = pair
    self.rtpPeer = rtpPeer
    self.rtcpPeer = rtcpPeer
  }

  /// Sends the packets of one channel of interleaved framing without blocking; what finds no room is dropped and counted.
  mutating func send(framed: ByteBuffer, channel: UInt8) {
    let sent = framed.withUnsafeReadableBytes { bytes in
      rtpPeer.withSockAddr { address, length in
        ff_send_framed(
          pair.rtp, address, length, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, channel, &segmentation)
      }
    }
    packets &+= UInt64(sent.packets)
    bytes &+= sent.bytes
    dropped &+= UInt64(sent.dropped)
  }

  /// Sends one RTCP compound.
  func send(rtcp: ByteBuffer) {
    rtcp.withUnsafeReadableBytes { bytes in
      rtcpPeer.withSockAddr { address, length in
        _ = sendto(pair.rtcp, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), address, length)
      }
    }
  }

  /// Opens the way through a NAT towards us with an empty RTP packet and an empty receiver report, as clients do.
  func punch() {
    let packet: [UInt8] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    packet.withUnsafeBytes { bytes in
      rtpPeer.withSockAddr { address, length in
        _ = sendto(pair.rtp, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), address, length)
      }
    }
    let report: [UInt8] = [0x80, 201, 0, 1, 0, 0, 0, 0]
    send(rtcp: ByteBuffer(bytes: report))
  }
}

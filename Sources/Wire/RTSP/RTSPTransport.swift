/// One alternative of a `Transport` header (RFC 2326 §12.39).
public struct RTSPTransport: Hashable, Sendable {
  /// What carries RTP: UDP, or the RTSP connection itself.
  public enum LowerTransport: Hashable, Sendable { case udp, tcp }
  /// Which way media goes.
  public enum Mode: Hashable, Sendable { case play, record }

  /// Two neighbours: RTP and RTCP, as ports or as channels.
  public struct Pair<Number: FixedWidthInteger & Sendable>: Hashable, Sendable {
    /// For RTP.
    public var rtp: Number
    /// For RTCP: the next number in nearly every implementation.
    public var rtcp: Number
    public init(rtp: Number, rtcp: Number) {
      self.rtp = rtp
      self.rtcp = rtcp
    }
  }
  /// UDP ports.
  public typealias Ports = Pair<UInt16>
  /// Channels of interleaved frames.
  public typealias Channels = Pair<UInt8>

  /// `RTP/AVP`, in capitals; `RTP/SAVP` and others are read, not understood.
  public var profile = "RTP/AVP"
  /// UDP when the header does not say.
  public var lowerTransport: LowerTransport
  /// A client that names neither means unicast, though the RFC's default is multicast: no device in the field sends multicast unasked.
  public var isMulticast = false
  /// Nil over UDP, and where a client leaves the choice to the server.
  public var interleaved: Channels?
  /// Where the client receives.
  public var clientPorts: Ports?
  /// Where the server sends from and receives.
  public var serverPorts: Ports?
  /// Nil when it is left out, which means play.
  public var mode: Mode?
  /// Of the packets that will be sent, where the server says it.
  public var ssrc: UInt32?
  /// The sender's address, where it is another than the connection's. Not followed.
  public var source: String?
  /// Where the client wants the packets sent. Not followed: it would let anybody aim our packets at a third party.
  public var destination: String?

  /// Nothing else is set.
  public init(_ lowerTransport: LowerTransport) { self.lowerTransport = lowerTransport }

  /// Interleaved in the RTSP connection.
  public static func tcp(channels: Channels?, mode: Mode? = nil) -> RTSPTransport {
    var transport = RTSPTransport(.tcp)
    transport.interleaved = channels
    transport.mode = mode
    return transport
  }

  /// Unicast UDP.
  public static func udp(clientPorts: Ports, serverPorts: Ports? = nil, mode: Mode? = nil) -> RTSPTransport {
    var transport = RTSPTransport(.udp)
    transport.clientPorts = clientPorts
    transport.serverPorts = serverPorts
    transport.mode = mode
    return transport
  }

  /// Plain RTP over unicast UDP or over this connection: what can be served.
  public var isSupported: Bool { profile == "RTP/AVP" && !isMulticast }
}

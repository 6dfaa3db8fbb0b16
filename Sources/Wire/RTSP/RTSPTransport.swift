/// One alternative of a `Transport` header (RFC 2326 §12.39).
public struct RTSPTransport: Hashable, Sendable {
  public enum LowerTransport: Hashable, Sendable { case udp, tcp }
  public enum Mode: Hashable, Sendable { case play, record }

  /// Two neighbours: RTP and RTCP, as ports or as channels.
  public struct Pair<Number: FixedWidthInteger & Sendable>: Hashable, Sendable {
    public var rtp: Number
    public var rtcp: Number
    public init(rtp: Number, rtcp: Number) {
      self.rtp = rtp
      self.rtcp = rtcp
    }
  }
  public typealias Ports = Pair<UInt16>
  public typealias Channels = Pair<UInt8>

  /// `RTP/AVP`, in capitals; `RTP/SAVP` and others are told, not understood.
  public var profile = "RTP/AVP"
  public var lowerTransport: LowerTransport
  /// A client that names neither means unicast, though the RFC's default is multicast: no device in the field sends multicast unasked.
  public var isMulticast = false
  public var interleaved: Channels?
  public var clientPorts: Ports?
  public var serverPorts: Ports?
  /// Nil when it is not told, which means play.
  public var mode: Mode?
  public var ssrc: UInt32?
  public var source: String?
  public var destination: String?

  public init(_ lowerTransport: LowerTransport) { self.lowerTransport = lowerTransport }

  public static func tcp(channels: Channels?, mode: Mode? = nil) -> RTSPTransport {
    var transport = RTSPTransport(.tcp)
    transport.interleaved = channels
    transport.mode = mode
    return transport
  }

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

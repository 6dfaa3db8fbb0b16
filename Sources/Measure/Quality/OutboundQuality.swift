public import Model

/// `quality.outbound` of a reader: cumulative for its session. For display; figures that the method cannot give are null.
public struct OutboundQuality: Hashable, Sendable, Codable {
  /// Which rules of loss hold.
  public var method: MeasuringMethod
  /// To one of our centres, or to a viewer.
  public var hop: Hop
  /// Of the publication that is read.
  public var session: String
  /// Handed to the socket.
  public var bytesSent: Int64
  /// Null where the protocol has no packets.
  public var packetsSent: Int64?
  /// Handed to the socket.
  public var framesSent: Int64
  /// Left out because the reader was too slow.
  public var framesDropped: Int64
  /// How often it had to wait for the next key frame after that.
  public var dropEpisodes: Int64
  /// As the reader reports them (RTCP RR); null without reports.
  public var packetsLost: Int64?
  /// Of the picture track since the reader's report before the last.
  public var lossRatio: Double?
  /// At the reader.
  public var jitterMilliseconds: Double?
  /// The newest; null while none was measured.
  public var roundTripMilliseconds: Double?
  /// `rtcp-rr` or `tcp-info`.
  public var roundTripMethod: String?

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(hop, forKey: .hop)
    try container.encode(session, forKey: .session)
    try container.encode(bytesSent, forKey: .bytesSent)
    try container.encode(packetsSent, forKey: .packetsSent)
    try container.encode(framesSent, forKey: .framesSent)
    try container.encode(framesDropped, forKey: .framesDropped)
    try container.encode(dropEpisodes, forKey: .dropEpisodes)
    try container.encode(packetsLost, forKey: .packetsLost)
    try container.encode(lossRatio, forKey: .lossRatio)
    try container.encode(jitterMilliseconds, forKey: .jitterMilliseconds)
    try container.encode(roundTripMilliseconds, forKey: .roundTripMilliseconds)
    try container.encode(roundTripMethod, forKey: .roundTripMethod)
  }
}

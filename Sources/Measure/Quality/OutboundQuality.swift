public import Model

/// `quality.outbound` of a reader: cumulative for its session. For display; figures that the method cannot give are null.
public struct OutboundQuality: Hashable, Sendable, Codable {
  public var method: MeasuringMethod
  public var hop: Hop
  public var session: String
  public var bytesSent: Int64
  /// Null where the protocol has no packets.
  public var packetsSent: Int64?
  public var framesSent: Int64
  /// Left out because the reader was too slow.
  public var framesDropped: Int64
  /// How often it had to wait for the next key frame after that.
  public var dropEpisodes: Int64
  /// As the reader reports them (RTCP RR); null without reports.
  public var packetsLost: Int64?
  public var lossRatio: Double?
  public var jitterMilliseconds: Double?
  public var roundTripMilliseconds: Double?
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

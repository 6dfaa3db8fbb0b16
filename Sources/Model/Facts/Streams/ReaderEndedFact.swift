/// `reader.ended`: somebody who watched a stream left, with the figures since it came (docs/quality.md, Outbound).
public struct ReaderEndedFact: FactBody {
  /// Written by the hub.
  public static let kinds = [FactKind.readerEnded]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// The publication that it read; nil when that was over.
  public var session: String?
  /// Which stretch of the way it is of.
  public var hop: FactText<Hop>
  /// Of the connection.
  public var mediaProtocol: FactText<MediaProtocol>
  /// The other end's address.
  public var peer: String
  /// Name of the access key that it showed.
  public var key: String?
  /// When it began to read.
  public var since: BootTime
  /// How loss and arrival are measured on that way.
  public var method: FactText<MeasuringMethod>
  /// Payload.
  public var bytesSent: Int64
  /// Nil where no packets are counted.
  public var packetsSent: Int64?
  /// Of the picture track.
  public var framesSent: Int64
  /// Left out because it was too slow, and how often that began.
  public var framesDropped: Int64
  /// How often dropping began.
  public var dropEpisodes: Int64
  /// What it reported itself; nil where it does not report.
  public var packetsLost: Int64?
  /// By the reader's reports.
  public var jitter: Nanoseconds?
  /// Nil where nobody measured it.
  public var roundTrip: Nanoseconds?
  /// `rtcp` or `tcp-info`.
  public var roundTripMethod: String?

  public init(
    stream: StreamName, session: String?, hop: Hop, mediaProtocol: MediaProtocol, peer: String, key: String?, since: BootTime,
    method: MeasuringMethod, bytesSent: Int64, packetsSent: Int64?, framesSent: Int64, framesDropped: Int64, dropEpisodes: Int64,
    packetsLost: Int64?, jitter: Nanoseconds?, roundTrip: Nanoseconds?, roundTripMethod: String?
  ) {
    self.stream = FactText(stream)
    self.session = session
    self.hop = FactText(hop)
    self.mediaProtocol = FactText(mediaProtocol)
    self.peer = peer
    self.key = key
    self.since = since
    self.method = FactText(method)
    self.bytesSent = bytesSent
    self.packetsSent = packetsSent
    self.framesSent = framesSent
    self.framesDropped = framesDropped
    self.dropEpisodes = dropEpisodes
    self.packetsLost = packetsLost
    self.jitter = jitter
    self.roundTrip = roundTrip
    self.roundTripMethod = roundTripMethod
  }

  /// Nil for another kind, or without `stream` and `sinceNs`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let since: BootTime = read["sinceNs"]
    else { return nil }
    self.stream = stream
    session = read["session"]
    hop = read["hop"] ?? ""
    mediaProtocol = read["protocol"] ?? ""
    peer = read["peer"] ?? ""
    key = read["key"]
    self.since = since
    method = read["method"] ?? ""
    bytesSent = read["bytesSent"] ?? 0
    packetsSent = read["packetsSent"]
    framesSent = read["framesSent"] ?? 0
    framesDropped = read["framesDropped"] ?? 0
    dropEpisodes = read["dropEpisodes"] ?? 0
    packetsLost = read["packetsLost"]
    jitter = read["jitterNs"]
    roundTrip = read["roundTripNs"]
    roundTripMethod = read["roundTripMethod"]
  }

  /// Null for nil: `session`, `key`, `packetsSent`, `packetsLost`, `jitterNs`, `roundTripNs`, `roundTripMethod`.
  public var fields: [String: JSON] {
    [
      "stream": stream.json, "session": session.json, "hop": hop.json, "protocol": mediaProtocol.json, "peer": peer.json, "key": key.json,
      "sinceNs": since.json, "method": method.json, "bytesSent": bytesSent.json, "packetsSent": packetsSent.json,
      "framesSent": framesSent.json, "framesDropped": framesDropped.json, "dropEpisodes": dropEpisodes.json,
      "packetsLost": packetsLost.json, "jitterNs": jitter.json, "roundTripNs": roundTrip.json, "roundTripMethod": roundTripMethod.json,
    ]
  }
}

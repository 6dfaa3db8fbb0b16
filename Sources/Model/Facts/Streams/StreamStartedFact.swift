/// `stream.started` and `stream.resumed`: a publication was admitted; resumed when it came back within the takeover window of one that had left.
public struct StreamStartedFact: FactBody {
  /// Written by the hub.
  public static let kinds = [FactKind.streamStarted, FactKind.streamResumed]
  /// Whether it goes on with a publication that had left.
  public var isResumed: Bool
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// The publication's id; empty in a line that lacks it.
  public var session: String
  /// The publication that it goes on with; of a resumed stream only, nil where that is not known.
  public var previousSession: String?
  /// Of the connection.
  public var mediaProtocol: FactText<MediaProtocol>?
  /// Which stretch of the way it is of.
  public var hop: FactText<Hop>?
  /// The publisher's address.
  public var peer: String?
  /// Name of the access key that it showed.
  public var key: String?
  /// `node/path`: where the stream was first received.
  public var unitOrigin: String?
  /// The units' epoch: wall milliseconds at admission, never the same twice.
  public var epoch: Int64?
  /// In the order in which the publisher announced them.
  public var tracks: [StreamTrack]
  /// The registered device, where the publisher named one.
  public var device: String?
  /// Nil where nobody registered one.
  public var deviceClass: FactText<DeviceClass>?

  public init(
    stream: StreamName, session: String, mediaProtocol: MediaProtocol, hop: Hop, peer: String, key: String?, unitOrigin: String,
    epoch: UInt64, tracks: [StreamTrack]
  ) {
    isResumed = false
    self.stream = FactText(stream)
    self.session = session
    self.mediaProtocol = FactText(mediaProtocol)
    self.hop = FactText(hop)
    self.peer = peer
    self.key = key
    self.unitOrigin = unitOrigin
    self.epoch = Int64(clamping: epoch)
    self.tracks = tracks
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    isResumed = fact.kind == FactKind.streamResumed
    self.stream = stream
    session = read["session"] ?? ""
    previousSession = read["previousSession"]
    mediaProtocol = read["protocol"]
    hop = read["hop"]
    peer = read["peer"]
    key = read["key"]
    unitOrigin = read["unitOrigin"]
    epoch = read["epoch"]
    tracks = read["tracks"] ?? []
    device = read["device"]
    deviceClass = read["class"]
  }

  /// The same publication as one that goes on with another.
  public func resuming(_ previous: String?) -> StreamStartedFact {
    var resumed = self
    resumed.isResumed = true
    resumed.previousSession = previous
    return resumed
  }

  /// By what the body says.
  public var kind: String { isResumed ? FactKind.streamResumed : FactKind.streamStarted }

  /// Null for nil: `protocol`, `hop`, `peer`, `key`, `unitOrigin`, `epoch`.
  public var fields: [String: JSON] {
    var fields = [
      "stream": stream.json, "session": session.json, "protocol": mediaProtocol.json, "hop": hop.json, "peer": peer.json, "key": key.json,
      "unitOrigin": unitOrigin.json, "epoch": epoch.json, "tracks": tracks.json,
    ]
    if isResumed { fields["previousSession"] = previousSession.json }
    fields["device"] = device?.json
    fields["class"] = deviceClass?.json
    return fields
  }
}

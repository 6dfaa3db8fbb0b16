internal import Hub
internal import Measure
internal import Model

/// A stream as `GET /api/v1/streams` shows it.
struct StreamView: Encodable {
  struct TrackView: Encodable {
    var index: UInt8
    var codec: Codec
    var clockRate: Int32
    var width: Int?
    var height: Int?
    var nominalFrameRate: Double?
    var channels: Int?
    var profile: String?
    var level: String?
  }

  struct ReaderView: Encodable {
    var mediaProtocol: MediaProtocol
    var remote: String
    var key: String?
    var sinceNs: Int64
    var quality: OutboundQuality

    enum CodingKeys: String, CodingKey {
      case mediaProtocol = "protocol"
      case remote, key, sinceNs, quality
    }
  }

  struct Quality: Encodable {
    var inbound: InboundQuality?
    var outbound: [OutboundQuality]

    enum CodingKeys: CodingKey { case inbound, outbound }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(inbound, forKey: .inbound)
      try container.encode(outbound, forKey: .outbound)
    }
  }

  var name: StreamName
  var state: StreamSnapshot.Condition
  var mediaProtocol: MediaProtocol?
  var remote: String?
  var key: String?
  var session: String?
  var epoch: UInt64?
  var origin: String?
  var sinceNs: Int64?
  var lastMediaNs: Int64?
  var gopCacheBytes: Int
  var tracks: [TrackView]
  var readers: [ReaderView]
  var quality: Quality
  var repairs: MediaRepairs?

  enum CodingKeys: String, CodingKey {
    case mediaProtocol = "protocol"
    case name, state, remote, key, session, epoch, origin, sinceNs, lastMediaNs, gopCacheBytes, tracks, readers, quality, repairs
  }

  init(_ snapshot: StreamSnapshot) {
    name = snapshot.name
    state = snapshot.condition
    mediaProtocol = snapshot.description?.mediaProtocol
    remote = snapshot.remoteAddress
    key = snapshot.keyName
    session = snapshot.description?.session
    epoch = snapshot.description?.epoch
    origin = snapshot.description.map { "\($0.origin)" }
    sinceNs = snapshot.since?.nanoseconds
    lastMediaNs = snapshot.lastMedia?.nanoseconds
    gopCacheBytes = snapshot.cachedBytes
    tracks = (snapshot.description?.tracks ?? []).map {
      let known = StreamDescription.profileLevel(of: $0)
      return TrackView(
        index: $0.index, codec: $0.codec, clockRate: $0.clockRate, width: $0.width, height: $0.height,
        nominalFrameRate: $0.nominalFrameRateMilli.map { Double($0) / 1000 }, channels: $0.codec.isVideo ? nil : $0.channels,
        profile: known?.profile, level: known?.level)
    }
    readers = snapshot.readers.map {
      ReaderView(
        mediaProtocol: $0.mediaProtocol, remote: $0.remoteAddress, key: $0.keyName, sinceNs: $0.since.nanoseconds, quality: $0.outbound)
    }
    repairs = snapshot.repairs
    quality = Quality(inbound: snapshot.inbound, outbound: snapshot.readers.map(\.outbound))
  }
}

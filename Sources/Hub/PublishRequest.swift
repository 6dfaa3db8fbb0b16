public import Model
public import NIOCore
public import Wire

/// Everything the hub must know to admit a publisher.
public struct PublishRequest: Sendable {
  /// Wanted for the stream.
  public var name: StreamName
  /// At least one; parameters may come later.
  public var tracks: [Track]
  /// By which the media comes.
  public var mediaProtocol: MediaProtocol
  /// `host:port` of the sender, as facts and pages show it.
  public var remoteAddress: String
  /// Name of the access key that was used; nil in open mode.
  public var keyName: String?
  /// Where the units were first received, when another node of ours relays them; nil when that is here.
  public var origin: UnitOrigin?
  /// Which stretch of the way this publication measures: ``Hop/centre`` when another node of ours sends it.
  public var hop: Hop { origin == nil ? .device : .centre }
  /// Payload types and formats of the incoming RTP, one a track; empty when the source is not RTP.
  public var rtpPayloads: [RTPPayloadDescription]
  /// Whether all tracks' times share one zero (RTMP); RTP tracks each have their own.
  public var sharedClock: Bool
  /// The loop the publisher's socket lives on: the stream moves there if it is new.
  public var loop: any EventLoop
  /// The gateway's side of the publication.
  public var source: any PublicationSource

  /// Defaults are those of a device without key, RTP or a shared clock.
  public init(
    name: StreamName, tracks: [Track], mediaProtocol: MediaProtocol, remoteAddress: String, keyName: String? = nil,
    origin: UnitOrigin? = nil, rtpPayloads: [RTPPayloadDescription] = [], sharedClock: Bool = false, loop: any EventLoop,
    source: any PublicationSource
  ) {
    self.name = name
    self.tracks = tracks
    self.mediaProtocol = mediaProtocol
    self.remoteAddress = remoteAddress
    self.keyName = keyName
    self.origin = origin
    self.rtpPayloads = rtpPayloads
    self.sharedClock = sharedClock
    self.loop = loop
    self.source = source
  }
}

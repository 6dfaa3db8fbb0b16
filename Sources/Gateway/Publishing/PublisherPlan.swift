public import Model
public import Wire

/// Who publishes what under which name, and the limits of its session.
public struct PublisherPlan: Sendable {
  /// What ``heldBytes`` is unless a protocol says otherwise.
  public static let usualHeldBytes = 16 << 20

  /// Under which readers find the stream.
  public var name: StreamName
  /// For facts, pages and the choice of the measuring method.
  public var mediaProtocol: MediaProtocol
  /// By what right; the key's name appears in facts.
  public var grant: AccessGrant
  /// Where another of our nodes says that the units were first received; nil when that is here.
  public var origin: UnitOrigin?
  /// Payload types and formats of RTP, one a track; empty for other protocols.
  public var rtpPayloads: [RTPPayloadDescription] = []
  /// Payload bytes that may wait for admission; beyond it they are dropped.
  public var heldBytes = PublisherPlan.usualHeldBytes
  /// How long a publisher may keep us waiting for a track that it announced, since its first unit.
  public var announceWait = Nanoseconds.seconds(1)
  /// A publisher without media for so long has gone; nil leaves that to the protocol.
  public var silence: Nanoseconds?

  /// Limits keep their defaults until they are set.
  public init(name: StreamName, mediaProtocol: MediaProtocol, grant: AccessGrant, origin: UnitOrigin? = nil) {
    self.name = name
    self.mediaProtocol = mediaProtocol
    self.grant = grant
    self.origin = origin
  }

  /// Which stretch of the way the session measures.
  var hop: Hop { origin == nil ? .device : .centre }
}

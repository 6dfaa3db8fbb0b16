public import Measure
public import Model

/// One reader as API and metrics show it.
public struct ReaderSnapshot: Sendable {
  /// By which it reads.
  public var mediaProtocol: MediaProtocol
  /// `host:port` of the reader.
  public var remoteAddress: String
  /// The access key's name; nil in open mode.
  public var keyName: String?
  /// When the session began.
  public var since: BootTime
  /// Cumulative figures.
  public var outbound: OutboundQuality

  /// By the reader itself.
  public init(mediaProtocol: MediaProtocol, remoteAddress: String, keyName: String?, since: BootTime, outbound: OutboundQuality) {
    self.mediaProtocol = mediaProtocol
    self.remoteAddress = remoteAddress
    self.keyName = keyName
    self.since = since
    self.outbound = outbound
  }
}

/// One stream as API and metrics show it.
public struct StreamSnapshot: Sendable {
  /// The raw values are the API's.
  public enum Condition: String, Sendable, Codable, CaseIterable {
    /// Nobody publishes.
    case waiting
    /// Media comes now: pictures, where the stream has a video track.
    case live
    /// Somebody publishes, and no media comes.
    case silent
    /// The publisher left, and its name waits for it.
    case interrupted

    /// Whether somebody publishes.
    public var isPublished: Bool { self == .live || self == .silent }
  }

  /// Of the stream.
  public var name: StreamName
  /// Whether somebody publishes.
  public var condition: Condition
  /// Nil while nobody publishes.
  public var description: StreamDescription?
  /// `host:port` of the publisher; nil while nobody publishes.
  public var remoteAddress: String?
  /// The publisher's access key; nil in open mode.
  public var keyName: String?
  /// When the newest publication was admitted; nil before the first.
  public var since: BootTime?
  /// Arrival of the newest media; nil before the first.
  public var lastMedia: BootTime?
  /// The newest unit of the stream: with an instant, the line between what came before and what comes after it.
  public var newestUnit: AccessUnitID?
  /// Bytes in the GOP cache of the publisher's own form.
  public var cachedBytes: Int
  /// The publisher session's figures; nil while nobody publishes, or nothing is measured.
  public var inbound: InboundQuality?
  /// What was put right in the publication's media so far; nil while nobody publishes.
  public var repairs: MediaRepairs?
  /// Those that have figures: viewers and other nodes.
  public var readers: [ReaderSnapshot]
}

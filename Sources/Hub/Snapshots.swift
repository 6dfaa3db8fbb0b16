public import Measure
public import Model

/// One reader as API and metrics show it.
public struct ReaderSnapshot: Sendable {
  public var mediaProtocol: MediaProtocol
  public var remoteAddress: String
  public var keyName: String?
  public var since: BootTime
  public var outbound: OutboundQuality

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
  public enum Condition: String, Sendable, Codable { case waiting, live, interrupted }

  public var name: StreamName
  public var condition: Condition
  /// Nil while nobody publishes.
  public var description: StreamDescription?
  public var remoteAddress: String?
  public var keyName: String?
  public var since: BootTime?
  public var lastMedia: BootTime?
  /// The newest unit of the stream: with an instant, the line between what came before and what comes after it.
  public var newestUnit: AccessUnitID?
  /// Bytes in the GOP cache of the publisher's own form.
  public var cachedBytes: Int
  public var inbound: InboundQuality?
  public var readers: [ReaderSnapshot]
}

internal import Model

/// One upper node that this one reports to.
public struct UplinkSettings: Sendable, Hashable {
  /// As facts and pages call it.
  public var name: String
  /// Of the upper node.
  public var controlHost: String
  /// Of the upper node.
  public var controlPort: Int
  /// `rtsp://host:port`.
  public var media: String
  /// Fingerprint of the upper node's key.
  public var peerFingerprint: String
  /// Globs of the streams that go up: `*` within a segment, `**` across.
  public var streams: [String]

  public init(name: String, controlHost: String, controlPort: Int, media: String, peerFingerprint: String, streams: [String]) {
    self.name = name
    self.controlHost = controlHost
    self.controlPort = controlPort
    self.media = media.hasSuffix("/") ? String(media.dropLast()) : media
    self.peerFingerprint = peerFingerprint
    self.streams = streams
  }

  func carries(_ stream: StreamName) -> Bool { streams.contains { StreamGlob($0).matches(stream.path) } }
}

public import Model

/// Carries one stream up, beside the control link. The composition root brings the real one (RTSP over TCP).
public protocol UplinkMedia: AnyObject, Sendable {
  func stop()
}

/// What an uplink asks for when it starts to carry a stream.
public struct UplinkMediaRequest: Sendable {
  /// Path of the stream here.
  public var stream: StreamName
  /// Where it goes: `rtsp://host:port/{node}/{stream}`.
  public var url: String
  /// As the upper node gave it over the control link.
  public var user: String
  /// As the upper node gave it over the control link; never logged.
  public var secret: String
  /// Called on the stream's way out, the instant before the first byte of each key unit is written (E6).
  public var keyUnitLeaves: @Sendable (_ unit: AccessUnitID, _ firstArrival: BootTime, _ now: BootTime) -> Void

  public init(
    stream: StreamName, url: String, user: String, secret: String,
    keyUnitLeaves: @escaping @Sendable (_ unit: AccessUnitID, _ firstArrival: BootTime, _ now: BootTime) -> Void
  ) {
    self.stream = stream
    self.url = url
    self.user = user
    self.secret = secret
    self.keyUnitLeaves = keyUnitLeaves
  }
}

/// Starts ``UplinkMedia``.
public typealias UplinkMediaStarter = @Sendable (UplinkMediaRequest) -> any UplinkMedia

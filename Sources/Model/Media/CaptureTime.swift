/// When a unit was captured, by the device's own clock, and how we know.
public struct CaptureTime: Hashable, Sendable {
  /// How the capture time is known.
  public enum Source: String, Sendable, Codable {
    /// An RTCP sender report mapped the RTP timestamp to NTP time.
    case rtcpSenderReport
  }
  /// By the device's clock, which may be wrong by any amount.
  public var wall: WallTime
  /// What said so.
  public var source: Source

  public init(wall: WallTime, source: Source) {
    self.wall = wall
    self.source = source
  }
}

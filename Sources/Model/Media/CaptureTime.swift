/// When a unit was captured, by the device's own clock, and how we know.
public struct CaptureTime: Hashable, Sendable {
  public enum Source: String, Sendable, Codable {
    /// An RTCP sender report mapped the RTP timestamp to NTP time.
    case rtcpSenderReport
  }
  public var wall: WallTime
  public var source: Source

  public init(wall: WallTime, source: Source) {
    self.wall = wall
    self.source = source
  }
}

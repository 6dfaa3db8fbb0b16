/// How a stream's media came in or goes out; the names appear in the API and in sample files.
public enum MediaProtocol: String, Sendable, Codable {
  case rtspTCP = "rtsp/tcp"
  case rtspUDP = "rtsp/udp"
  case rtmp

  /// The method by which arrival and loss are measured (measurement.md §2).
  public var method: MeasuringMethod { self == .rtspUDP ? .rtp : .tcp }
}

/// The measuring method a sample names.
public enum MeasuringMethod: String, Sendable, Codable {
  case rtp, srt, tcp, webrtc
  case gbPS = "gb-ps"
}

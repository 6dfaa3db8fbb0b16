/// The measuring method a sample names; each has its own rules of arrival and loss (measurement.md §2).
public enum MeasuringMethod: String, Sendable, Codable {
  case rtp, srt, tcp, webrtc
  case gbPS = "gb-ps"
}

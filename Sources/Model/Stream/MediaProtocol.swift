/// How a stream's media came in or goes out; the names appear in the API and in sample files. What differs between them is asked for by
/// the properties below, each an exhaustive switch: a new protocol does not compile before it has answered.
public enum MediaProtocol: String, Sendable, Codable, CaseIterable {
  case rtspTCP = "rtsp/tcp"
  case rtspUDP = "rtsp/udp"
  case rtmp

  /// The method by which arrival and loss are measured (measurement.md §2).
  public var method: MeasuringMethod {
    switch self {
    case .rtspUDP: .rtp
    case .rtspTCP, .rtmp: .tcp
    }
  }

  /// Whether media arrive in the order in which they were sent. Datagrams do not: packets come late, and twice.
  public var keepsPacketOrder: Bool {
    switch self {
    case .rtspTCP, .rtmp: true
    case .rtspUDP: false
    }
  }
}

public import Model

/// Why received bytes are no RTSP; the connection cannot go on after it.
public enum RTSPDecodingError: Error, Hashable, Sendable {
  /// Start line and header fields exceed ``RTSPDecoder/maximumHeaderLength``.
  case headerTooLong
  case tooManyLines
  case bodyTooLong(Int)
  case startLineMalformed(String)
  case contentLengthMalformed
  case versionNotSupported(String)

  /// What to answer before closing.
  public var status: RTSPStatus {
    switch self {
    case .headerTooLong, .tooManyLines, .bodyTooLong: .requestEntityTooLarge
    case .versionNotSupported: .versionNotSupported
    case .startLineMalformed, .contentLengthMalformed: .badRequest
    }
  }

  /// What operators see: `rtspMalformed` with the reason.
  public var fault: Fault {
    switch self {
    case .headerTooLong: Fault(.rtspMalformed, "header longer than \(RTSPDecoder.maximumHeaderLength) bytes")
    case .tooManyLines: Fault(.rtspMalformed, "more than \(RTSPDecoder.maximumLines) lines")
    case .bodyTooLong(let length): Fault(.rtspMalformed, "body of \(length) bytes")
    case .startLineMalformed(let line): Fault(.rtspMalformed, "start line \(line)")
    case .contentLengthMalformed: Fault(.rtspMalformed, "Content-Length")
    case .versionNotSupported(let version): Fault(.rtspMalformed, "version \(version)")
    }
  }
}

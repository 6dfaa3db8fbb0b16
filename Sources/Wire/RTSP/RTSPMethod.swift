/// A request's method (RFC 2326 §10); an unknown one keeps its text.
public enum RTSPMethod: Hashable, Sendable, CustomStringConvertible {
  case options, describe, announce, setup, play, pause, record, redirect, teardown, getParameter, setParameter
  case unknown(String)

  private static let known: [RTSPMethod] = [
    .options, .describe, .announce, .setup, .play, .pause, .record, .redirect, .teardown, .getParameter, .setParameter,
  ]

  /// In any case, though methods are case-sensitive (RFC 2326 §6.1): some devices write them small. Others are ``unknown``.
  public init(_ text: String) {
    self = RTSPMethod.known.first { RTSPHeaders.equal($0.description, text) } ?? .unknown(text)
  }

  public var description: String {
    switch self {
    case .options: "OPTIONS"
    case .describe: "DESCRIBE"
    case .announce: "ANNOUNCE"
    case .setup: "SETUP"
    case .play: "PLAY"
    case .pause: "PAUSE"
    case .record: "RECORD"
    case .redirect: "REDIRECT"
    case .teardown: "TEARDOWN"
    case .getParameter: "GET_PARAMETER"
    case .setParameter: "SET_PARAMETER"
    case .unknown(let text): text
    }
  }
}

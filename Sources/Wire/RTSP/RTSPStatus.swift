public import Model

/// A status code (RFC 2326 §7.1.1); 409 is HTTP's, for a name that is taken.
public struct RTSPStatus: Hashable, Sendable {
  /// 100…599.
  public var code: Int
  /// - Parameter code: any three digits; those that we send are named below.
  public init(_ code: Int) { self.code = code }

  /// 200.
  public static let ok = RTSPStatus(200)
  /// 301. Where redirections may lead is ``RTSPRedirection``'s to say.
  public static let movedPermanently = RTSPStatus(301)
  /// 302.
  public static let movedTemporarily = RTSPStatus(302)
  /// 305: by way of the server in `Location`.
  public static let useProxy = RTSPStatus(305)
  /// 400: malformed, or without CSeq.
  public static let badRequest = RTSPStatus(400)
  /// 401: with a challenge.
  public static let unauthorized = RTSPStatus(401)
  /// 403: the credentials do not allow it.
  public static let forbidden = RTSPStatus(403)
  /// 404: no such stream, and none expected.
  public static let notFound = RTSPStatus(404)
  /// 405: not for this address.
  public static let methodNotAllowed = RTSPStatus(405)
  /// 409: somebody else publishes under this name.
  public static let conflict = RTSPStatus(409)
  /// 413: longer than ``RTSPDecoder``'s limits.
  public static let requestEntityTooLarge = RTSPStatus(413)
  /// 415: no track in the description can be carried.
  public static let unsupportedMediaType = RTSPStatus(415)
  /// 451: SET_PARAMETER with a body.
  public static let parameterNotUnderstood = RTSPStatus(451)
  /// 454: no session, or another connection's.
  public static let sessionNotFound = RTSPStatus(454)
  /// 455: with `Allow`.
  public static let methodNotValidInThisState = RTSPStatus(455)
  /// 459: PLAY or PAUSE of one track only.
  public static let aggregateOperationNotAllowed = RTSPStatus(459)
  /// 461: none of the transports that the client offers is allowed here.
  public static let unsupportedTransport = RTSPStatus(461)
  /// 500.
  public static let internalServerError = RTSPStatus(500)
  /// 501: a method that we do not know.
  public static let notImplemented = RTSPStatus(501)
  /// 503: limits are reached.
  public static let serviceUnavailable = RTSPStatus(503)
  /// 505: not RTSP/1.0.
  public static let versionNotSupported = RTSPStatus(505)
  /// 551: a `Require` header.
  public static let optionNotSupported = RTSPStatus(551)

  /// 2xx.
  public var isSuccess: Bool { (200...299).contains(code) }
  /// 3xx but for 304.
  public var isRedirection: Bool { (300...399).contains(code) && code != 304 }

  /// The usual phrase; clients do not read it.
  public var reason: String { RTSPStatus.reasons[code] ?? (isSuccess ? "OK" : "Error") }

  private static let reasons: [Int: String] = [
    200: "OK", 301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
    451: "Parameter Not Understood", 454: "Session Not Found", 455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed", 461: "Unsupported Transport", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 505: "RTSP Version Not Supported", 551: "Option Not Supported",
  ]

  /// The status by which a device learns of a fault.
  public static func reporting(_ fault: Fault) -> RTSPStatus {
    switch fault.code {
    case .credentialsMissing, .credentialsWrong: .unauthorized
    case .accessDenied, .keyExpired, .openBindRefused: .forbidden
    case .streamUnknown, .streamEnded, .publisherGone, .notFound, .deviceUnknown: .notFound
    case .streamBusy: .conflict
    case .streamNameInvalid, .rtspMalformed, .requestInvalid: .badRequest
    case .codecUnsupported, .mediaMalformed: .unsupportedMediaType
    case .transportUnsupported: .unsupportedTransport
    case .tooManyAttempts, .diskFull, .workerBusy, .portInUse, .noKeyframe: .serviceUnavailable
    default: .internalServerError
    }
  }
}

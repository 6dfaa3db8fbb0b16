public import Model

/// A status code (RFC 2326 §7.1.1); 409 is HTTP's, for a name that is taken.
public struct RTSPStatus: Hashable, Sendable {
  public var code: Int
  public init(_ code: Int) { self.code = code }

  public static let ok = RTSPStatus(200)
  public static let movedPermanently = RTSPStatus(301)
  public static let movedTemporarily = RTSPStatus(302)
  public static let badRequest = RTSPStatus(400)
  public static let unauthorized = RTSPStatus(401)
  public static let forbidden = RTSPStatus(403)
  public static let notFound = RTSPStatus(404)
  public static let methodNotAllowed = RTSPStatus(405)
  public static let conflict = RTSPStatus(409)
  public static let requestEntityTooLarge = RTSPStatus(413)
  public static let unsupportedMediaType = RTSPStatus(415)
  public static let parameterNotUnderstood = RTSPStatus(451)
  public static let sessionNotFound = RTSPStatus(454)
  public static let methodNotValidInThisState = RTSPStatus(455)
  public static let aggregateOperationNotAllowed = RTSPStatus(459)
  public static let unsupportedTransport = RTSPStatus(461)
  public static let internalServerError = RTSPStatus(500)
  public static let notImplemented = RTSPStatus(501)
  public static let serviceUnavailable = RTSPStatus(503)
  public static let versionNotSupported = RTSPStatus(505)
  public static let optionNotSupported = RTSPStatus(551)

  public var isSuccess: Bool { (200...299).contains(code) }
  public var isRedirection: Bool { (300...399).contains(code) && code != 304 }

  public var reason: String { RTSPStatus.reasons[code] ?? (isSuccess ? "OK" : "Error") }

  private static let reasons: [Int: String] = [
    200: "OK", 301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
    451: "Parameter Not Understood", 454: "Session Not Found", 455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed", 461: "Unsupported Transport", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 505: "RTSP Version Not Supported", 551: "Option Not Supported",
  ]

  /// The status that tells a device about a fault.
  public static func telling(_ fault: Fault) -> RTSPStatus {
    switch fault.code {
    case .credentialsMissing, .credentialsWrong: .unauthorized
    case .accessDenied, .openBindRefused: .forbidden
    case .streamUnknown, .streamEnded, .publisherGone, .notFound, .deviceUnknown: .notFound
    case .streamBusy: .conflict
    case .streamNameInvalid, .rtspMalformed, .requestInvalid: .badRequest
    case .codecUnsupported, .mediaMalformed: .unsupportedMediaType
    case .transportUnsupported: .unsupportedTransport
    case .diskFull, .workerBusy, .portInUse, .noKeyframe: .serviceUnavailable
    default: .internalServerError
    }
  }
}

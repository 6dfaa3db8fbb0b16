internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Model

/// Turns every failure into the same JSON object: `{"error": {code, origin, detail, happened, toDo}}`.
struct FaultMiddleware: RouterMiddleware {
  let logger: Logger

  func handle(_ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let fault as Fault {
      return FaultMiddleware.response(fault)
    } catch let error as HTTPError {
      let fault = error.status == .notFound ? Fault(.notFound, request.uri.path) : Fault(.httpMalformed, "\(error.body ?? "")")
      return FaultMiddleware.response(fault, status: error.status)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return FaultMiddleware.response(Fault(.httpMalformed, "internal"), status: .internalServerError)
    }
  }

  static func response(_ fault: Fault, status: HTTPResponse.Status? = nil) -> Response {
    var response = Response.json(JSON.object(["error": fault.json]), status: status ?? self.status(of: fault.code))
    if fault.code == .credentialsMissing { response.headers[.wwwAuthenticate] = "Bearer realm=\"FirstFrame\"" }
    return response
  }

  private static func status(of code: FaultCode) -> HTTPResponse.Status {
    switch code {
    case .credentialsMissing, .credentialsWrong: .unauthorized
    case .accessDenied: .forbidden
    case .incidentUnknown, .streamUnknown, .notFound, .segmentMissing: .notFound
    case .incidentClosed, .streamBusy: .conflict
    case .requestInvalid, .streamNameInvalid, .httpMalformed, .deviceUnknown: .badRequest
    case .tooManyClients: .tooManyRequests
    case .diskFull, .diskFailed: HTTPResponse.Status(code: 507)
    default: .internalServerError
    }
  }
}

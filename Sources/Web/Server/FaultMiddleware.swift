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
    var response = Response.json(JSON.object(["error": fault.json]), status: status ?? HTTPResponse.Status(code: fault.code.httpStatus))
    if fault.code == .credentialsMissing { response.headers[.wwwAuthenticate] = "Bearer realm=\"FirstFrame\"" }
    if let seconds = FaultMiddleware.retryAfter[fault.code] { response.headers[.retryAfter] = String(seconds) }
    return response
  }

  /// Seconds until the same request may be answered (RFC 9110, section 10.2.3).
  private static let retryAfter: [FaultCode: Int] = [.tooManyAttempts: 60, .tooManyClients: 10]
}

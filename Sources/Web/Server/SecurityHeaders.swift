internal import HTTPTypes
internal import Hummingbird

/// The one place that sets what a browser may do with an answer; an answer that needs another policy than ``ContentSecurityPolicy/data`` brings it.
struct SecurityHeaders: RouterMiddleware {
  func handle(_ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response) async throws -> Response {
    var response = try await next(request, context)
    if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = ContentSecurityPolicy.data.text }
    response.headers[.xContentTypeOptions] = "nosniff"
    // For browsers that do not know `frame-ancestors`.
    if let name = SecurityHeaders.frameOptions { response.headers[name] = "DENY" }
    if let name = SecurityHeaders.referrerPolicy { response.headers[name] = "no-referrer" }
    return response
  }

  private static let frameOptions = HTTPField.Name("X-Frame-Options")
  private static let referrerPolicy = HTTPField.Name("Referrer-Policy")
}

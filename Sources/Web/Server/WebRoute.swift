internal import HTTPTypes
internal import Hummingbird
internal import Model

/// One route of the API: what the table in ``WebRoutes`` registers and what `openapi.json` must describe.
struct WebRoute: Sendable {
  let method: HTTPRequest.Method
  /// OpenAPI's form: `/api/v1/streams/{name}`; a parameter marked with `tail` takes the rest of the path, slashes included.
  let path: String
  let tail: Bool
  let permission: WebPermission
  let handle: @Sendable (Request, WebContext, WebEnvironment) async throws -> Response

  init(
    _ method: HTTPRequest.Method, _ path: String, tail: Bool = false, _ permission: WebPermission,
    _ handle: @escaping @Sendable (Request, WebContext, WebEnvironment) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.tail = tail
    self.permission = permission
    self.handle = handle
  }

  /// Hummingbird's form of the path.
  var routerPath: RouterPath {
    let parts = path.split(separator: "/").map { part in part.first == "{" ? (tail ? "**" : ":" + part.dropFirst().dropLast()) : String(part) }
    return RouterPath("/" + parts.joined(separator: "/"))
  }
}

extension WebContext {
  /// The one parameter of a route.
  func text(_ name: String) throws(Fault) -> String {
    guard let raw = parameters.get(name), let text = percentDecoded(raw), text.utf8.count <= 200 else { throw Fault(.requestInvalid, name) }
    return text
  }

  /// The stream's name at the tail of a route.
  func streamName() throws(Fault) -> StreamName {
    let text = parameters.getCatchAll().joined(separator: "/")
    guard let name = StreamName(text) else { throw Fault(.streamNameInvalid, text) }
    return name
  }
}

internal import HTTPTypes
internal import Hummingbird
internal import Model

/// One route: what the server registers, and what `openapi.json` must describe.
struct WebRoute: Sendable {
  typealias Handler = @Sendable (Request, WebContext) async throws -> Response

  let method: HTTPRequest.Method
  /// OpenAPI's form: `/api/v1/streams/{name}`.
  let path: String
  /// Whether the one parameter takes the rest of the path, slashes included.
  let tail: Bool
  let permission: WebPermission
  let handle: Handler

  private init(_ method: HTTPRequest.Method, _ path: String, _ permission: WebPermission, _ tail: Bool, _ handle: @escaping Handler) {
    self.method = method
    self.path = path
    self.tail = tail
    self.permission = permission
    self.handle = handle
  }

  static func get(_ path: String, _ permission: WebPermission, tail: Bool = false, _ handle: @escaping Handler) -> WebRoute {
    WebRoute(.get, path, permission, tail, handle)
  }

  static func post(_ path: String, _ permission: WebPermission, _ handle: @escaping Handler) -> WebRoute {
    WebRoute(.post, path, permission, false, handle)
  }

  static func delete(_ path: String, _ permission: WebPermission, tail: Bool = false, _ handle: @escaping Handler) -> WebRoute {
    WebRoute(.delete, path, permission, tail, handle)
  }

  /// Hummingbird's form of the path.
  var routerPath: RouterPath {
    let parts = path.split(separator: "/").map { part in part.first == "{" ? (tail ? "**" : ":" + part.dropFirst().dropLast()) : String(part) }
    return RouterPath("/" + parts.joined(separator: "/"))
  }
}

extension WebContext {
  /// A parameter of the route, percent-decoded; at most 200 bytes. Throws ``FaultCode/requestInvalid``.
  func text(_ name: String) throws(Fault) -> String {
    guard let raw = parameters.get(name), let text = percentDecoded(raw), text.utf8.count <= 200 else { throw Fault(.requestInvalid, name) }
    return text
  }

  /// What a route's tail matched, as it stood in the request.
  var tail: String { parameters.getCatchAll().joined(separator: "/") }

  /// The stream's name at the tail of a route. Throws ``FaultCode/streamNameInvalid``.
  func streamName() throws(Fault) -> StreamName {
    guard let name = StreamName(tail) else { throw Fault(.streamNameInvalid, tail) }
    return name
  }
}

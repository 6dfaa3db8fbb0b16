import FirstFrameTesting
import HTTPTypes
import Model
import Report
import Testing

@testable import Web

@Suite("The routes")
struct RouteTests {
  @Test("openapi.json describes exactly the routes that are registered, with their permissions")
  func described() async throws {
    let node = try await RunningNode()
    let described = Set(
      try APIDescription().operations.map { "\($0.key.method) \($0.key.path) \($0.value["x-permission"]?.string ?? "?")" })
    let routes = try node.routes
    let registered = Set(routes.map { "\($0.method.rawValue) \($0.path) \($0.permission.rawValue)" })
    #expect(described == registered)
    #expect(registered.count == routes.count, "no route is registered twice")
    #expect(registered.count > 25)
  }

  @Test("a tail is the last part of its path, so that nothing can hang behind a stream's name")
  func tails() async throws {
    for route in try await RunningNode().routes {
      let parameters = route.path.split(separator: "/").filter { $0.hasPrefix("{") }
      #expect(parameters.count <= 1, "\(route.path)")
      if route.tail { #expect(route.path.hasSuffix(parameters.first.map(String.init) ?? "?"), "\(route.path)") }
    }
  }

  @Test("every page is open, and its link in the navigation says what its data needs")
  func pages() throws {
    for page in WebPage.all {
      let html = Shell(page: page).html.text
      #expect(html.contains("data-permission=\"\(page.permission.rawValue)\" aria-current=\"page\""))
      #expect(html.contains(page.title.zh) && html.contains("data-en=\"\(page.title.en)\""))
    }
    #expect(Set(WebPage.all.map(\.path)).count == WebPage.all.count)
  }
}

@Suite("Rights")
struct PermissionTests {
  /// A request for a route that exists, with names that do not: whoever may ask gets past the authority, whatever the route answers then.
  private func request(_ route: WebRoute) -> String {
    route.path.split(separator: "/").map { $0.hasPrefix("{") ? "nobody" : String($0) }.reduce("") { "\($0)/\($1)" }
  }

  @Test("each route lets in whoever has its permission, and nobody who has all the others")
  func table() async throws {
    let node = try await RunningNode()
    var keys: [String: Set<WebPermission>] = [:]
    for permission in WebPermission.allCases {
      keys["only-\(permission.rawValue)"] = [permission]
      keys["without-\(permission.rawValue)"] = Set(WebPermission.allCases).subtracting([permission])
    }
    node.authority.demand(keys)
    // The event stream never ends; it has a test of its own.
    for route in try node.routes where route.permission != .none && route.path != "/api/v1/events" {
      func status(_ key: String?) async throws -> Int {
        let headers = key.map { ["Authorization": "Bearer \($0)"] } ?? [:]
        return try await node.client.send(route.method.rawValue, request(route), headers: headers).status
      }
      let name = "\(route.method.rawValue) \(route.path)"
      #expect(try await status(nil) == 401, "\(name) without a key")
      #expect(try await status("wrong") == 401, "\(name) with a wrong key")
      #expect(try await status("without-\(route.permission.rawValue)") == 403, "\(name) with every other right")
      #expect(![401, 403].contains(try await status("only-\(route.permission.rawValue)")), "\(name) with its right")
    }
  }

  @Test("what is open needs no key, and a refusal asks for one as RFC 6750 has it")
  func open() async throws {
    let node = try await RunningNode()
    node.authority.demand([:])
    for route in try node.routes where route.permission == .none {
      let path = route.path.contains("{path}") ? "/assets/css/base.css" : route.path
      #expect(try await node.client.get(path).status == 200, "\(path)")
    }
    let refused = try await node.client.get("/api/v1/streams")
    #expect(refused.headers["www-authenticate"] == "Bearer realm=\"FirstFrame\"")
    #expect(refused.code == "credentialsMissing")
    #expect(try await node.client.get("/api/v1/events").status == 401)
    #expect(try await node.client.send("GET", "/api/v1/streams", headers: ["Authorization": "Basic YWxs"]).code == "credentialsMissing")
    #expect(try await node.client.send("GET", "/api/v1/streams", headers: ["authorization": "bearer all"]).status == 200)
  }
}

extension RunningNode {
  /// As the server registers them.
  var routes: [WebRoute] { get throws { server.routes(try AssetStore.load()) } }
}

internal import Hummingbird
internal import Model

/// The pages, what they are made of, and the API's description: open to everybody, for nothing in them is a secret.
struct PageRoutes: RouteGroup {
  private let assets: AssetStore

  init(_ assets: AssetStore) { self.assets = assets }

  var routes: [WebRoute] {
    let assets = assets
    return WebPage.all.map { page in
      WebRoute.get(page.path, .none) { _, _ in .page(Shell(page: page).html) }
    } + [
      .get("/assets/{path}", .none, tail: true) { request, context in
        guard let path = percentDecoded(context.tail), let asset = assets[path] else { throw Fault(.notFound, context.tail) }
        return asset.response(to: request)
      },
      .get("/openapi.json", .none) { request, _ in
        guard let description = assets["openapi.json"] else { throw Fault(.notFound, "openapi.json") }
        return description.response(to: request)
      },
    ]
  }
}

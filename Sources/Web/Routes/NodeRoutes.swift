internal import Command
internal import Hummingbird
internal import Model

/// The node itself: its health, its clock, its devices, and the tiers above and below it.
struct NodeRoutes: RouteGroup {
  private let node: WebNode
  private let links: any LinksSource
  private let health: (any HealthSource)?

  init(_ environment: WebEnvironment) {
    node = environment.node
    links = environment.links
    health = environment.health
  }

  var routes: [WebRoute] {
    let (node, links, health) = (node, links, health)
    return [
      .get("/healthz", .none) { _, _ in NodeRoutes.health(of: node, await health?.health() ?? NodeHealth()) },
      .get("/api/v1/node", .streamsRead) { _, _ in .json(NodeRoutes.show(node)) },
      .get("/api/v1/devices", .streamsRead) { _, _ in .json(["devices": .array(node.devices.map(NodeRoutes.show))]) },
      .get("/api/v1/links", .streamsRead) { _, _ in .json(links.links()) },
      .get("/api/v1/heard", .incidentsRead) { _, _ in .json(JSON.object(["incidents": links.announcedIncidents()])) },
    ]
  }

  /// 200 while all is well, else 503, for what watches a node looks at the status alone. Streams are relayed all the same.
  private static func health(of node: WebNode, _ health: NodeHealth) -> Response {
    let isWell = health.problems.isEmpty
    return .json(
      [
        "status": .string(isWell ? "ok" : "failing"), "node": .string(node.name), "version": .string(node.version),
        "problems": .array(health.json),
      ], status: isWell ? .ok : .serviceUnavailable)
  }

  private static func show(_ node: WebNode) -> JSON {
    [
      "node": .string(node.name), "role": .string(node.role), "version": .string(node.version), "boot": .string(node.clock.bootID),
      "boottimeNs": .int(node.clock.bootTime().nanoseconds), "wall": .string(node.clock.wallTime().description),
    ]
  }

  private static func show(_ device: RegisteredDevice) -> JSON {
    ["name": .string(device.name), "stream": .string(device.stream.path), "class": .string(device.deviceClass.rawValue)]
  }
}

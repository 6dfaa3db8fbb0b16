internal import Command
internal import Hummingbird
internal import Model

/// The node itself: its health, its clock, its devices, and the tiers above and below it.
struct NodeRoutes: RouteGroup {
  private let node: WebNode
  private let links: any LinksSource

  init(_ environment: WebEnvironment) {
    node = environment.node
    links = environment.links
  }

  var routes: [WebRoute] {
    let (node, links) = (node, links)
    return [
      .get("/healthz", .none) { _, _ in .json(["status": "ok", "node": .string(node.name), "version": .string(node.version)]) },
      .get("/api/v1/node", .streamsRead) { _, _ in .json(NodeRoutes.show(node)) },
      .get("/api/v1/devices", .streamsRead) { _, _ in .json(["devices": .array(node.devices.map(NodeRoutes.show))]) },
      .get("/api/v1/links", .streamsRead) { _, _ in .json(links.links()) },
      .get("/api/v1/heard", .incidentsRead) { _, _ in .json(JSON.object(["incidents": links.announcedIncidents()])) },
    ]
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

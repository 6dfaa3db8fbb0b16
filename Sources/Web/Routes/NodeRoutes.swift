internal import Command
internal import Hub
internal import Hummingbird
internal import Journal
internal import Model

enum NodeRoutes {
  static func node(_ environment: WebEnvironment) -> Response {
    let clock = environment.hub.clock
    return .json([
      "node": .string(environment.node), "role": .string(environment.role), "version": .string(environment.version),
      "boot": .string(clock.bootID), "boottimeNs": .int(clock.bootTime().nanoseconds), "wall": .string(clock.wallTime().description),
    ])
  }

  static func devices(_ environment: WebEnvironment) -> Response {
    .json([
      "devices": .array(
        environment.devices.map {
          ["name": .string($0.name), "stream": .string($0.stream.path), "class": .string($0.deviceClass.rawValue)]
        })
    ])
  }

  /// The newest facts, `?limit=` of them (at most 1000), oldest first.
  static func facts(_ request: Request, _ environment: WebEnvironment) -> Response {
    let asked = request.uri.queryParameters["limit"].flatMap { Int($0) } ?? 100
    let facts = environment.journal.recent(limit: max(1, min(1000, asked)))
    return .json(["facts": .array(facts.map { .object($0.fields) })])
  }
}

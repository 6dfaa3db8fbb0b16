internal import Command
internal import HTTPTypes
internal import Hummingbird
internal import Model

/// The table of all routes. `Pages/openapi.json` describes each of them; a test holds the two equal.
enum WebRoutes {
  static let all: [WebRoute] = [
    WebRoute(.get, "/healthz", .none) { _, _, environment in
      .json(["status": "ok", "node": .string(environment.node), "version": .string(environment.version)])
    },
    WebRoute(.get, "/metrics", .metricsRead) { _, _, environment in try await MetricsPage.render(environment) },
    WebRoute(.get, "/openapi.json", .none) { _, _, _ in try Pages.file("openapi.json", type: "application/json; charset=utf-8") },
    WebRoute(.get, "/", .none) { _, _, _ in try Pages.file("board.html", type: "text/html; charset=utf-8") },
    WebRoute(.get, "/assets/{file}", .none) { _, context, _ in try Pages.asset(try context.text("file")) },
    WebRoute(.get, "/api/v1/node", .streamsRead) { _, _, environment in NodeRoutes.node(environment) },
    WebRoute(.get, "/api/v1/links", .streamsRead) { _, _, environment in .json(environment.links()) },
    WebRoute(.get, "/api/v1/devices", .streamsRead) { _, _, environment in NodeRoutes.devices(environment) },
    WebRoute(.get, "/api/v1/heard", .incidentsRead) { _, _, environment in .json(JSON.object(["incidents": environment.heard()])) },
    WebRoute(.get, "/api/v1/streams", .streamsRead) { _, _, environment in try await StreamRoutes.list(environment) },
    WebRoute(.get, "/api/v1/streams/{name}", tail: true, .streamsRead) { _, context, environment in
      try await StreamRoutes.show(try context.streamName(), environment)
    },
    WebRoute(.delete, "/api/v1/streams/{name}", tail: true, .streamsManage) { _, context, environment in
      try await StreamRoutes.end(try context.streamName(), environment)
    },
    WebRoute(.get, "/api/v1/archive/{name}", tail: true, .archiveRead) { _, context, environment in
      .json(try await environment.archive(try context.streamName()))
    },
    WebRoute(.get, "/api/v1/incidents", .incidentsRead) { _, _, environment in try await IncidentRoutes.list(environment) },
    WebRoute(.post, "/api/v1/incidents", .incidentsWrite) { request, context, environment in
      try await IncidentRoutes.open(request, context, environment)
    },
    WebRoute(.get, "/api/v1/incidents/{id}", .incidentsRead) { _, context, environment in
      try .json(try await environment.desk.show(try context.text("id")))
    },
    WebRoute(.post, "/api/v1/incidents/{id}/close", .incidentsWrite) { request, context, environment in
      try await IncidentRoutes.close(request, context, environment)
    },
    WebRoute(.post, "/api/v1/incidents/{id}/steps", .incidentsWrite) { request, context, environment in
      try await IncidentRoutes.step(request, context, environment)
    },
    WebRoute(.post, "/api/v1/incidents/{id}/shown", .incidentsWrite) { request, context, environment in
      try await IncidentRoutes.shown(request, context, environment)
    },
    WebRoute(.get, "/api/v1/rates", .incidentsRead) { request, _, environment in try await RateRoutes.rates(request, environment) },
    WebRoute(.post, "/api/v1/connections", .incidentsWrite) { request, context, environment in
      try await RateRoutes.connect(request, context, environment)
    },
    WebRoute(.post, "/api/v1/exclusions", .incidentsWrite) { request, context, environment in
      try await RateRoutes.exclude(request, context, environment)
    },
    WebRoute(.get, "/api/v1/snapshots/{file}", .incidentsRead) { _, context, environment in
      try await StoredFiles.snapshot(try context.text("file"), environment)
    },
    WebRoute(.get, "/api/v1/receipts/{file}", .incidentsRead) { _, context, environment in
      try await StoredFiles.receipt(try context.text("file"), environment)
    },
    WebRoute(.get, "/api/v1/reports/{file}", .incidentsRead) { _, context, environment in
      try await StoredFiles.report(try context.text("file"), environment)
    },
    WebRoute(.get, "/api/v1/inspections/{file}", .factsRead) { _, context, environment in
      try await StoredFiles.inspection(try context.text("file"), environment)
    },
    WebRoute(.get, "/api/v1/facts", .factsRead) { request, _, environment in NodeRoutes.facts(request, environment) },
    WebRoute(.get, "/api/v1/events", .factsRead) { request, _, environment in EventRoutes.stream(request, environment) },
  ]
}

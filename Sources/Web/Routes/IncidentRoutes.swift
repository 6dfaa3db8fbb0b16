internal import Command
internal import Hummingbird
internal import Measure
internal import Model

/// Incidents: opened, closed, and the steps that people and browsers report.
struct IncidentRoutes: RouteGroup {
  private let incidents: any IncidentsSource

  init(_ incidents: any IncidentsSource) { self.incidents = incidents }

  var routes: [WebRoute] {
    [
      .get("/api/v1/incidents", .incidentsRead) { request, _ in try await list(request) },
      .post("/api/v1/incidents", .incidentsWrite) { try await open($0, $1) },
      .get("/api/v1/incidents/{id}", .incidentsRead) { [incidents] _, context in
        try .json(try await incidents.show(try context.text("id")))
      },
      .post("/api/v1/incidents/{id}/close", .incidentsWrite) { [incidents] request, context in
        let body = try await request.jsonObject(context)
        return try .json(try await incidents.close(try context.text("id"), reason: body["reason"]?.stringValue))
      },
      .post("/api/v1/incidents/{id}/steps", .incidentsWrite) { try await step($0, $1) },
      .post("/api/v1/incidents/{id}/shown", .incidentsWrite) { try await shown($0, $1) },
    ]
  }

  private func list(_ request: Request) async throws -> Response {
    let asked = request.uri.queryParameters
    var limit = IncidentPage.usual
    if let text = asked["limit"] {
      guard let number = Int(text), (1...IncidentPage.largest).contains(number) else { throw Fault(.requestInvalid, "limit \(text.prefix(20))") }
      limit = number
    }
    return try .json(try await incidents.list(before: asked["before"].map(String.init), limit: limit))
  }

  private func open(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let title = body["title"]?.stringValue else { throw Fault(.requestInvalid, "title") }
    var received: WallTime?
    if let text = body["receivedAt"]?.stringValue {
      guard let time = WallTime(text) else { throw Fault(.requestInvalid, "receivedAt \(text)") }
      received = time
    }
    let devices = try (body["devices"]?.arrayValue ?? []).map { item in
      guard let name = item.stringValue else { throw Fault(.requestInvalid, "devices") }
      return name
    }
    let opened = try await incidents.open(
      OpenRequest(title: title, receivedAt: received, devices: devices, external: body["external"]?.stringValue, readAt: context.readAt))
    return try .json(opened, status: .created)
  }

  private func step(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let step = body["step"]?.stringValue, let device = body["device"]?.stringValue else { throw Fault(.requestInvalid, "step, device") }
    return try .json(try await incidents.note(step, incident: try context.text("id"), device: device))
  }

  /// The board presented a picture: `{device, what, viewer, ageMs?}`.
  private func shown(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let device = body["device"]?.stringValue, let viewer = body["viewer"]?.stringValue,
      let what = body["what"]?.stringValue.flatMap(ShownPicture.What.init(rawValue:))
    else { throw Fault(.requestInvalid, "device, what, viewer") }
    var age: Nanoseconds?
    if let milliseconds = body["ageMs"]?.intValue {
      guard (0...3_600_000).contains(milliseconds) else { throw Fault(.requestInvalid, "ageMs") }
      age = .milliseconds(milliseconds)
    }
    let picture = try PresentedPicture(device: device, what: what, viewer: viewer, age: age, received: context.readAt)
    return try .json(try await incidents.shown(picture, incident: try context.text("id")))
  }
}

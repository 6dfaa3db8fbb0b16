internal import Command
internal import Hummingbird
internal import Measure
internal import Model

enum IncidentRoutes {
  private struct List: Encodable { var incidents: [IncidentOutput] }

  static func list(_ environment: WebEnvironment) async throws -> Response {
    try .json(List(incidents: await environment.desk.list()))
  }

  static func open(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let title = body["title"]?.stringValue else { throw Fault(.requestInvalid, "title") }
    var received: WallTime?
    if let text = body["receivedAt"]?.stringValue {
      guard let time = WallTime(text) else { throw Fault(.requestInvalid, "receivedAt \(text)") }
      received = time
    }
    var devices: [String] = []
    for item in body["devices"]?.arrayValue ?? [] {
      guard let name = item.stringValue else { throw Fault(.requestInvalid, "devices") }
      devices.append(name)
    }
    let opened = try await environment.desk.open(
      OpenRequest(title: title, receivedAt: received, devices: devices, external: body["external"]?.stringValue))
    return try .json(opened, status: .created)
  }

  static func close(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let body = try await request.jsonObject(context)
    return try .json(try await environment.desk.close(try context.text("id"), reason: body["reason"]?.stringValue))
  }

  static func step(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let step = body["step"]?.stringValue, let device = body["device"]?.stringValue else { throw Fault(.requestInvalid, "step, device") }
    return try .json(try await environment.desk.note(step, incident: try context.text("id"), device: device))
  }
}

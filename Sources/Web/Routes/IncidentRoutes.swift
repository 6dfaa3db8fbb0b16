internal import Command
internal import Hub
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

  /// The board presented a picture: `{device, what, viewer, ageMs?}`.
  static func shown(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let heard = environment.hub.clock.bootTime()
    let body = try await request.jsonObject(context)
    guard let device = body["device"]?.stringValue, let viewer = body["viewer"]?.stringValue,
      let what = body["what"]?.stringValue.flatMap(ShownPicture.What.init(rawValue:))
    else { throw Fault(.requestInvalid, "device, what, viewer") }
    var age: Nanoseconds?
    if let milliseconds = body["ageMs"]?.intValue {
      guard (0...3_600_000).contains(milliseconds) else { throw Fault(.requestInvalid, "ageMs") }
      age = .milliseconds(milliseconds)
    }
    let picture = try PresentedPicture(device: device, what: what, viewer: viewer, age: age, heard: heard)
    return try .json(try await environment.desk.shown(picture, incident: try context.text("id")))
  }
}

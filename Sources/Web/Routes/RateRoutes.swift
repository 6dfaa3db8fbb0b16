internal import Command
internal import Hummingbird
internal import Measure
internal import Model

enum RateRoutes {
  /// The three rates, of a month of China Standard Time or of all that the journal tells.
  static func rates(_ request: Request, _ environment: WebEnvironment) async throws -> Response {
    let month = request.uri.queryParameters["month"].map(String.init)
    if let month, !isMonth(month) { throw Fault(.requestInvalid, "month \(month.prefix(20))") }
    return .text(try await environment.rates(month).text, type: "application/json; charset=utf-8")
  }

  /// `2026-11`.
  private static func isMonth(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 7, bytes[4] == 45 else { return false }
    return bytes.enumerated().allSatisfy { $0.offset == 4 || (48...57).contains($0.element) }
  }

  static func connect(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let device = body["device"]?.stringValue else { throw Fault(.requestInvalid, "device") }
    return .json(try await environment.connections.request(device, how: body["how"]?.stringValue ?? "spotCheck"), status: .created)
  }

  static func exclude(_ request: Request, _ context: WebContext, _ environment: WebEnvironment) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let rate = body["rate"]?.stringValue, let reason = body["reason"]?.stringValue, let approver = body["approver"]?.stringValue else {
      throw Fault(.requestInvalid, "rate, reason, approver")
    }
    let fact = try await environment.connections.exclude(
      ExclusionRequest(
        rate: rate, incident: body["incident"]?.stringValue, device: body["device"]?.stringValue, attempt: body["attempt"]?.stringValue,
        session: body["session"]?.stringValue, reason: reason, approver: approver))
    return .json(["sequence": .int(fact.sequence)], status: .created)
  }
}

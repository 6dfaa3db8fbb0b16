internal import Command
internal import Hummingbird
internal import Measure
internal import Model

/// The three rates, the requests that one of them counts, and what is approved to leave a denominator.
struct RateRoutes: RouteGroup {
  private let rates: any RatesSource
  private let connections: any ConnectionsSource

  init(_ rates: any RatesSource, _ connections: any ConnectionsSource) {
    self.rates = rates
    self.connections = connections
  }

  var routes: [WebRoute] {
    [
      .get("/api/v1/rates", .incidentsRead) { request, _ in try await show(request) },
      .post("/api/v1/connections", .incidentsWrite) { try await connect($0, $1) },
      .post("/api/v1/exclusions", .incidentsWrite) { try await exclude($0, $1) },
    ]
  }

  /// Of a month of China Standard Time, or of all that the journal has.
  private func show(_ request: Request) async throws -> Response {
    let month = request.uri.queryParameters["month"].map(String.init)
    if let month, !RateRoutes.isMonth(month) { throw Fault(.requestInvalid, "month \(month.prefix(20))") }
    return .text(try await rates.rates(month: month).text, type: .json)
  }

  /// `2026-11`.
  private static func isMonth(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-") else { return false }
    return bytes.enumerated().allSatisfy { $0.offset == 4 || (48...57).contains($0.element) }
  }

  private func connect(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let device = body["device"]?.stringValue else { throw Fault(.requestInvalid, "device") }
    return .json(try await connections.request(device, how: body["how"]?.stringValue ?? "spotCheck"), status: .created)
  }

  private func exclude(_ request: Request, _ context: WebContext) async throws -> Response {
    let body = try await request.jsonObject(context)
    guard let rate = body["rate"]?.stringValue, let reason = body["reason"]?.stringValue, let approver = body["approver"]?.stringValue else {
      throw Fault(.requestInvalid, "rate, reason, approver")
    }
    let fact = try await connections.exclude(
      ExclusionRequest(
        rate: rate, incident: body["incident"]?.stringValue, device: body["device"]?.stringValue, attempt: body["attempt"]?.stringValue,
        session: body["session"]?.stringValue, reason: reason, approver: approver))
    return .json(["sequence": .int(fact.sequence)], status: .created)
  }
}

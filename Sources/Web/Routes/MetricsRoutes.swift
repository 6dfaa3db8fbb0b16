internal import Hummingbird

/// Prometheus text.
struct MetricsRoutes: RouteGroup {
  private let environment: WebEnvironment
  private let events: EventFeed

  init(_ environment: WebEnvironment, events: EventFeed) {
    self.environment = environment
    self.events = events
  }

  var routes: [WebRoute] { [.get("/metrics", .metricsRead) { _, _ in .text(try await page().text, type: .metrics) }] }

  private func page() async throws -> MetricsPage {
    MetricsPage(
      node: environment.node, streams: try await environment.streams.snapshots(), incidents: await environment.incidents.openClocks().count,
      sequence: environment.facts.last.sequence, archive: await environment.archive.counters(), events: events.figures,
      links: environment.links.links(), health: await environment.health?.health() ?? NodeHealth())
  }
}

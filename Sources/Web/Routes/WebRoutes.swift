/// All routes of the web room. `Pages/openapi.json` describes each of them; a test holds the two equal.
struct WebRoutes: RouteGroup {
  let groups: [any RouteGroup]

  init(_ environment: WebEnvironment, assets: AssetStore, events: EventFeed) {
    groups = [
      PageRoutes(assets),
      NodeRoutes(environment),
      MetricsRoutes(environment, events: events),
      StreamRoutes(environment.streams),
      ArchiveRoutes(environment.archive),
      IncidentRoutes(environment.incidents),
      RateRoutes(environment.rates, environment.connections),
      FileRoutes(dataFolder: environment.node.dataFolder),
      DocumentRoutes(environment),
      FactRoutes(environment.facts, events: events),
    ]
  }

  var routes: [WebRoute] { groups.flatMap(\.routes) }
}

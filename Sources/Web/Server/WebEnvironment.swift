public import Logging
public import Model

/// What the web room shows, by subject; the composition root fills it.
public struct WebEnvironment: Sendable {
  /// Its name, version and clock.
  public var node: WebNode
  /// Asked before each route.
  public var authority: any WebAuthority
  /// Live streams, their figures and readers.
  public var streams: any StreamsSource
  /// Incidents, open and closed.
  public var incidents: any IncidentsSource
  /// Requests for a picture outside incidents, and exclusions.
  public var connections: any ConnectionsSource
  /// The journal, as far as it is durable.
  public var facts: any FactsSource
  /// Recordings.
  public var archive: any ArchiveSource
  /// Uplinks and lower nodes.
  public var links: any LinksSource
  /// The three rates.
  public var rates: any RatesSource
  /// Pages for inspectors.
  public var inspections: any InspectionSource
  /// Gets what failed without being a fault of the catalogue.
  public var logger: Logger
  /// How much a client of `/api/v1/events` may let wait, and how many there may be.
  public var eventLimits = EventLimits()
  /// Admits connections; nil admits all.
  public var admission: ConnectionGuard?
  /// Set where nobody is asked for a key: names under which the node is reached besides its addresses. Requests that a page of another site may have
  /// caused are refused then.
  public var ownHosts: [String]?
  /// What is wrong with the node; nil tells nothing.
  public var health: (any HealthSource)?

  /// With the default ``eventLimits``.
  public init(
    node: WebNode, authority: any WebAuthority, streams: any StreamsSource, incidents: any IncidentsSource,
    connections: any ConnectionsSource, facts: any FactsSource, archive: any ArchiveSource, links: any LinksSource,
    rates: any RatesSource, inspections: any InspectionSource, logger: Logger
  ) {
    self.node = node
    self.authority = authority
    self.streams = streams
    self.incidents = incidents
    self.connections = connections
    self.facts = facts
    self.archive = archive
    self.links = links
    self.rates = rates
    self.inspections = inspections
    self.logger = logger
  }
}

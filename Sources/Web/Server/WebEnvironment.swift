public import Command
public import Hub
public import Journal
public import Logging
public import Measure
public import Model
public import Report

/// What the web room shows; the composition root fills it.
public struct WebEnvironment: Sendable {
  public var node: String
  public var role: String
  public var version: String
  public var dataFolder: String
  public var hub: Hub
  public var desk: IncidentDesk
  public var connections: ConnectionDesk
  public var journal: Journal
  public var devices: [RegisteredDevice]
  /// Whether a request with this bearer key may do that; a failure is what the caller is told.
  public var authorise: @Sendable (_ permission: WebPermission, _ bearer: String?, _ remote: String) -> Result<Void, Fault>
  /// A stream's recording as the API shows it: segments, gaps, totals.
  public var archive: @Sendable (_ stream: StreamName) async throws -> JSON
  /// Archive totals over all streams, for metrics: name to value.
  public var archiveCounters: @Sendable () async -> [String: Int64]
  /// Uplinks and lower nodes as the API shows them.
  public var links: @Sendable () -> JSON
  /// Incidents that lower nodes told of, at an upper node.
  public var heard: @Sendable () -> JSON
  /// The three rates of a month (`2026-11`), or of all there is.
  public var rates: @Sendable (_ month: String?) async throws -> PrintedJSON
  /// An incident from raw samples to verdict, made now from the data folder.
  public var inspection: @Sendable (_ incident: String) async throws -> Inspection
  public var logger: Logger

  public init(
    node: String, role: String, version: String, dataFolder: String, hub: Hub, desk: IncidentDesk,
    connections: ConnectionDesk, journal: Journal,
    devices: [RegisteredDevice],
    authorise: @escaping @Sendable (_ permission: WebPermission, _ bearer: String?, _ remote: String) -> Result<Void, Fault>,
    archive: @escaping @Sendable (_ stream: StreamName) async throws -> JSON,
    archiveCounters: @escaping @Sendable () async -> [String: Int64], links: @escaping @Sendable () -> JSON,
    heard: @escaping @Sendable () -> JSON, rates: @escaping @Sendable (_ month: String?) async throws -> PrintedJSON,
    inspection: @escaping @Sendable (_ incident: String) async throws -> Inspection, logger: Logger
  ) {
    self.node = node
    self.role = role
    self.version = version
    self.dataFolder = dataFolder
    self.hub = hub
    self.desk = desk
    self.connections = connections
    self.journal = journal
    self.devices = devices
    self.authorise = authorise
    self.archive = archive
    self.archiveCounters = archiveCounters
    self.links = links
    self.heard = heard
    self.rates = rates
    self.inspection = inspection
    self.logger = logger
  }
}

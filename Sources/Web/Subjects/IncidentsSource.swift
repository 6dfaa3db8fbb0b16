public import Command
public import Measure
public import Model

/// The incidents of this node; an ``IncidentDesk`` is the real one. Every change is durable when its call returns.
public protocol IncidentsSource: Sendable {
  /// A page, the newest first; the first page has all that are open besides. Throws ``FaultCode/incidentUnknown``.
  /// - Parameters:
  ///   - id: behind which the page begins; nil for the newest.
  ///   - limit: incidents of a page, at most ``IncidentPage/largest``.
  func list(before id: String?, limit: Int) async throws -> IncidentPage
  /// Throws ``FaultCode/incidentUnknown``.
  func show(_ id: String) async throws -> IncidentOutput
  /// Throws ``FaultCode/requestInvalid`` or ``FaultCode/deviceUnknown``.
  func open(_ request: OpenRequest) async throws -> IncidentOutput
  /// Throws ``FaultCode/incidentUnknown`` or ``FaultCode/incidentClosed``.
  func close(_ id: String, reason: String?) async throws -> IncidentOutput
  /// A step that a person reports: `acknowledged`, `onScene` or `voice`.
  func note(_ step: String, incident: String, device: String) async throws -> IncidentOutput
  /// A browser presented a picture of a device.
  func shown(_ picture: PresentedPicture, incident: String) async throws -> IncidentOutput
  /// Incidents whose clock runs.
  func openClocks() async -> [(id: String, title: String, received: BootTime?)]
}

extension IncidentDesk: IncidentsSource {}

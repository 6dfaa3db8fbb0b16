public import Report

/// Incidents and sessions from raw samples to verdict.
public protocol InspectionSource: Sendable {
  /// Made now from the data folder, which takes as long as reading it does.
  /// - Parameter id: of an incident or of a session. Throws ``FaultCode/incidentUnknown`` or ``FaultCode/journalBroken``.
  func inspection(of id: String) async throws -> Inspection
}

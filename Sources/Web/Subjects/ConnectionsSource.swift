public import Command
public import Model

/// Requests for a live picture outside incidents, and what is approved to leave a rate's denominator; a ``ConnectionDesk`` is the real one.
public protocol ConnectionsSource: Sendable {
  /// - Parameter how: `rollCall`, `spotCheck` or `probe`. Throws ``FaultCode/requestInvalid`` or ``FaultCode/deviceUnknown``.
  func request(_ device: String, how: String) async throws -> JSON
  /// Returns the fact that keeps it. Throws ``FaultCode/requestInvalid``.
  func exclude(_ request: ExclusionRequest) async throws -> Fact
}

extension ConnectionDesk: ConnectionsSource {}

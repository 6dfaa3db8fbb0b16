internal import Measure
internal import Model

/// The policies and profiles that a node judges by, read before anything is started.
struct NodeRules: Sendable {
  /// Judges incidents.
  let response: Policy
  /// Judges connection attempts.
  let connection: Policy
  /// Judges devices in the field.
  let field: QualityProfile
  /// Judges fixed links: between centres, and to high points.
  let fixed: QualityProfile

  /// Blocks. Throws ``FaultCode/configUnreadable`` and ``FaultCode/configInvalid``.
  init(_ settings: MeasuringSettings, files: RuleFiles) throws(Fault) {
    response = try files.policy(settings.policy)
    connection = try files.policy(settings.connectionPolicy)
    guard connection.kind == .connection else { throw Fault(.configInvalid, "measure.connectionPolicy: \(connection.id) is of another kind") }
    field = try files.profile(settings.fieldProfile)
    fixed = try files.profile(settings.fixedProfile)
  }
}

public import Model

/// The object that `recompute` prints. `rates` joins it when the three rates are computed.
public struct RecomputationOutput: Sendable, Codable {
  public var incidents: [IncidentOutput]
  public var windows: [JSON]
  public var gaps: [JSON]
  public var differences: [Difference]

  public init(incidents: [IncidentOutput], windows: [JSON], gaps: [JSON], differences: [Difference]) {
    self.incidents = incidents
    self.windows = windows
    self.gaps = gaps
    self.differences = differences
  }
}

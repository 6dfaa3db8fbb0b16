/// A step of one device in an incident that a person took or reported: t2 called out, t3 acknowledged, t4 on scene, t9 voice both ways.
public struct IncidentStepFact: FactBody {
  /// Written by the incident desk.
  public static let kinds = Step.allCases.map(\.kind)

  /// Which step of the time line.
  public enum Step: String, Sendable, CaseIterable {
    case calledOut, acknowledged, onScene, voice

    /// The kind of fact that it is written as.
    public var kind: String {
      switch self {
      case .calledOut: FactKind.incidentCalledOut
      case .acknowledged: FactKind.incidentAcknowledged
      case .onScene: FactKind.incidentOnScene
      case .voice: FactKind.incidentVoice
      }
    }
  }

  /// Which step was taken.
  public var step: Step
  /// Id of the incident.
  public var incident: String
  /// Name of the device, as registered.
  public var device: String
  /// How a crew's arrival is known: `button` or `position`; of ``Step/onScene`` only.
  public var how: String?
  /// Who it was, as a commitment; nil where nobody was named.
  public var by: PersonCommitment?

  public init(_ step: Step, incident: String, device: String, how: String? = nil, by: PersonCommitment? = nil) {
    self.step = step
    self.incident = incident
    self.device = device
    self.how = how
    self.by = by
  }

  /// Nil for another kind, or without `incident` and `device`.
  public init?(_ fact: Fact) {
    guard let step = Step.allCases.first(where: { $0.kind == fact.kind }), let read = FactReader(fact, [step.kind]),
      let incident: String = read["incident"], let device: String = read["device"]
    else { return nil }
    self.init(step, incident: incident, device: device, how: read["how"], by: read["by"])
  }

  /// By what the body says.
  public var kind: String { step.kind }

  /// Left out when nil: `how`, `by`.
  public var fields: [String: JSON] {
    var fields = ["incident": incident.json, "device": device.json]
    fields["how"] = how?.json
    fields["by"] = by?.json
    return fields
  }
}

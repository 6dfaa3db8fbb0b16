/// `clock.step`: a clock jumped. Changes no interval; a step of the wall clock closes quality windows.
public struct ClockStepFact: FactBody {
  /// Written by the node, uplinks and the upper desk.
  public static let kinds = [FactKind.clockStep]

  /// Which clock, and by how much.
  public enum Step: Hashable, Sendable {
    /// The wall clock moved by so much against boot time.
    case wall(Nanoseconds)
    /// The exchanges with another node contradict each other: one of the two boot clocks jumped by something in [low, high]; nil when one exchange was
    /// impossible in itself.
    case offset(LinkParty, low: Int64?, high: Int64?)
  }

  /// Which clock, and by how much.
  public var step: Step

  public init(_ step: Step) { self.step = step }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    if read["what"] == "offset" as String? {
      guard let party = LinkParty(read) else { return nil }
      self.init(.offset(party, low: read["stepLowNs"], high: read["stepHighNs"]))
    } else {
      guard let step: Nanoseconds = read["stepNs"] else { return nil }
      self.init(.wall(step))
    }
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    switch step {
    case .wall(let step): ["what": "wall", "stepNs": step.json]
    case .offset(let party, let low, let high): ["what": "offset", party.key: party.name.json, "stepLowNs": low.json, "stepHighNs": high.json]
    }
  }
}

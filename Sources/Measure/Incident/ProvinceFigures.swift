public import Model

/// What a province's own journal tells of a county's incident: its bracket before any receipt is back.
public struct ProvinceFigures: Hashable, Sendable {
  public var incident: String
  public var county: String
  /// E1′: when E1 arrived.
  public var heard: NodeInstant
  /// E7 of the first visible picture after it.
  public var decoded: NodeInstant?
  public var stream: String?
  public var unit: String?
  public var bracket: Bracket?

  /// In the order in which the incidents were heard of.
  public static func all(from facts: [Fact]) -> [ProvinceFigures] {
    var found: [ProvinceFigures] = []
    var beacons: [BootTime?] = []
    for fact in facts {
      guard let incident = fact["incident"]?.stringValue, let county = fact["county"]?.stringValue else { continue }
      let index = found.firstIndex { $0.incident == incident && $0.county == county }
      if fact.kind == FactKind.provinceHeard, index == nil {
        found.append(ProvinceFigures(incident: incident, county: county, heard: NodeInstant(fact)))
        beacons.append(fact["beaconNs"]?.intValue.map { BootTime(nanoseconds: $0) })
      } else if fact.kind == FactKind.provinceDecoded, let index {
        found[index].decode(fact, beacon: beacons[index])
      }
    }
    return found
  }

  private mutating func decode(_ fact: Fact, beacon: BootTime?) {
    guard decoded == nil, fact["visible"]?.boolValue == true else { return }
    let at = NodeInstant(fact)
    // Received before E1 was heard: a cached picture.
    if let arrival = fact["unitArrivalNs"]?.intValue, let since = at.at(BootTime(nanoseconds: arrival)) - heard, since < .zero { return }
    decoded = at
    stream = fact["stream"]?.stringValue
    unit = fact["unit"]?.stringValue
    guard let beacon, let lower = at - heard else { return }
    bracket = Bracket(lower: lower, upper: at.time - beacon)
  }
}

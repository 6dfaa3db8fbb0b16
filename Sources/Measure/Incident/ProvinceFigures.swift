public import Model

/// What a province's own journal holds of a county's incident: its bracket before any receipt is back.
public struct ProvinceFigures: Hashable, Sendable {
  /// Id of the incident; unique at its county.
  public var incident: String
  /// The lower node's name.
  public var county: String
  /// E1′: when E1 arrived.
  public var arrival: NodeInstant
  /// E7 of the first visible picture after it.
  public var decoded: NodeInstant?
  /// The county's name of it.
  public var stream: String?
  /// `node/path@epoch#number`.
  public var unit: String?
  /// p(E7) − p(E1′) ≤ T ≤ p(E7) − p(B); nil without a beacon.
  public var bracket: Bracket?

  /// In the order in which their E1 arrived.
  public static func all(from facts: [Fact]) -> [ProvinceFigures] {
    var found: [ProvinceFigures] = []
    var beacons: [BootTime?] = []
    for fact in facts {
      switch fact.kind {
      case FactKind.provinceHeard:
        guard let body = ProvinceHeardFact(fact), index(of: body.incident, body.county, in: found) == nil else { continue }
        found.append(ProvinceFigures(incident: body.incident, county: body.county, arrival: NodeInstant(fact)))
        beacons.append(body.beacon)
      case FactKind.provinceDecoded:
        guard let incident = fact.incident, let county = fact.county, let index = index(of: incident, county, in: found),
          let body = PictureDecodedFact(fact)
        else { continue }
        found[index].decode(body, at: NodeInstant(fact), beacon: beacons[index])
      default: continue
      }
    }
    return found
  }

  private static func index(of incident: String, _ county: String, in found: [ProvinceFigures]) -> Int? {
    found.firstIndex { $0.incident == incident && $0.county == county }
  }

  private mutating func decode(_ body: PictureDecodedFact, at: NodeInstant, beacon: BootTime?) {
    guard decoded == nil, body.content.isVisible else { return }
    // Received before E1 arrived: a cached picture.
    if let unitArrival = body.subject.unitArrival, let since = at.at(unitArrival) - arrival, since < .zero { return }
    decoded = at
    stream = body.subject.stream?.text
    unit = body.subject.unit?.text
    guard let beacon, let lower = at - arrival else { return }
    bracket = Bracket(lower: lower, upper: at.time - beacon)
  }
}

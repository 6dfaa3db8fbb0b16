public import Model

/// The province's receipt for a decoded picture, as the county keeps it (docs/facts.md). Whether its signature holds stands beside it.
public struct Receipt: Hashable, Sendable {
  /// The lower node's name.
  public var county: String
  /// The upper node's name.
  public var province: String
  /// The province's boot, whose clock all times here are of.
  public var boot: String
  /// Id of the incident.
  public var incident: String
  /// The incident's.
  public var nonce: String
  /// Hash of the county's `incident.opened` line.
  public var openedSha256: String
  /// The county's name of it.
  public var stream: String
  /// `node/path@epoch#number`.
  public var unit: String
  /// Of the unit's slices: the same at both tiers.
  public var vclSha256: String
  /// Of the JPEG that the province keeps.
  public var jpegSha256: String
  /// Neither black nor flat.
  public var isVisible: Bool
  /// How the picture is proven.
  public var grade: ProofGrade
  /// Nil when E1 carried no beacon of this boot of the province.
  public var beaconNonce: String?
  /// p(B), when E1's beacon was sent; p(E1′), when E1 arrived; p(E7), when the picture was decoded.
  public var beacon: BootTime?
  /// p(E1′), when E1 arrived; nil when that was in an earlier boot.
  public var arrival: BootTime?
  /// p(E7), when the picture was decoded.
  public var decoded: BootTime

  /// Nil when it is of another version, or a member that the proof needs is missing.
  public init?(_ object: ReceiptObject) {
    guard object.version == 1, let county = object.county, let province = object.province, let boot = object.boot,
      let incident = object.incident, let nonce = object.nonce, let opened = object.openedSha256, let stream = object.stream,
      let unit = object.unit, let vcl = object.vclSha256, let jpeg = object.jpegSha256, let visible = object.isVisible,
      let grade = object.grade.flatMap(ProofGrade.init(rawValue:)), let decoded = object.decoded
    else { return nil }
    self.county = county
    self.province = province
    self.boot = boot
    self.incident = incident
    self.nonce = nonce
    openedSha256 = opened
    self.stream = stream.text
    self.unit = unit.text
    vclSha256 = vcl
    jpegSha256 = jpeg
    isVisible = visible
    self.grade = grade
    beaconNonce = object.beaconNonce
    beacon = object.beacon
    arrival = object.arrival
    self.decoded = decoded
  }

  /// p(E7) − p(E1′) ≤ T ≤ p(E7) − p(B): nil when E1 carried no beacon of this boot, or the times are out of order.
  public var bracket: Bracket? {
    guard let beacon, let arrival, beaconNonce != nil, beacon <= arrival, arrival <= decoded else { return nil }
    return Bracket(lower: decoded - arrival, upper: decoded - beacon)
  }

  /// Whether the times could not have happened in that order.
  var isDisordered: Bool {
    if let arrival, arrival > decoded { return true }
    if let beacon, let arrival, beacon > arrival { return true }
    return false
  }
}

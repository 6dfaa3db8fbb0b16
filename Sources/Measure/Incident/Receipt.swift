public import Model

/// The province's receipt for a decoded picture, as the county keeps it (docs/facts.md). Whether its signature holds is told beside it.
public struct Receipt: Hashable, Sendable {
  public var county: String
  public var province: String
  /// The province's boot, whose clock all times here are of.
  public var boot: String
  public var incident: String
  public var nonce: String
  /// Hash of the county's `incident.opened` line.
  public var openedSha256: String
  public var stream: String
  public var unit: String
  public var vclSha256: String
  public var jpegSha256: String
  public var isVisible: Bool
  public var grade: ProofGrade
  public var beaconNonce: String?
  /// p(B), p(E1′), p(E7).
  public var beacon: BootTime?
  public var heard: BootTime?
  public var decoded: BootTime

  /// Nil when a member is missing or of the wrong type.
  public init?(_ json: JSON?) {
    guard let json, json["v"]?.intValue == 1, let county = json["county"]?.stringValue, let province = json["province"]?.stringValue,
      let boot = json["boot"]?.stringValue, let incident = json["incident"]?.stringValue, let nonce = json["nonce"]?.stringValue,
      let opened = json["openedSha256"]?.stringValue, let stream = json["stream"]?.stringValue, let unit = json["unit"]?.stringValue,
      let vcl = json["vclSha256"]?.stringValue, let jpeg = json["jpegSha256"]?.stringValue, let visible = json["visible"]?.boolValue,
      let grade = json["grade"]?.stringValue.flatMap(ProofGrade.init(rawValue:)), let decoded = json["decodedNs"]?.intValue
    else { return nil }
    self.county = county
    self.province = province
    self.boot = boot
    self.incident = incident
    self.nonce = nonce
    openedSha256 = opened
    self.stream = stream
    self.unit = unit
    vclSha256 = vcl
    jpegSha256 = jpeg
    isVisible = visible
    self.grade = grade
    beaconNonce = json["beaconNonce"]?.stringValue
    beacon = json["beaconNs"]?.intValue.map { BootTime(nanoseconds: $0) }
    heard = json["heardNs"]?.intValue.map { BootTime(nanoseconds: $0) }
    self.decoded = BootTime(nanoseconds: decoded)
  }

  /// p(E7) − p(E1′) ≤ T ≤ p(E7) − p(B): nil when E1 carried no beacon of this boot, or the times are out of order.
  public var bracket: Bracket? {
    guard let beacon, let heard, beaconNonce != nil, beacon <= heard, heard <= decoded else { return nil }
    return Bracket(lower: decoded - heard, upper: decoded - beacon)
  }

  /// Whether the times could not have happened in that order.
  var isDisordered: Bool {
    if let heard, heard > decoded { return true }
    if let beacon, let heard, beacon > heard { return true }
    return false
  }
}

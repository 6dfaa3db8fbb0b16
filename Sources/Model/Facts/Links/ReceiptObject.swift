/// A receipt's members as they stand in the signed file: any may be missing, for whoever reads it judges what that means.
///
/// The file's bytes are what is signed, so nobody writes a received receipt anew from this: facts carry its object as it came.
public struct ReceiptObject: Hashable, Sendable {
  /// 1.
  public var version: Int64?
  /// The lower node's name.
  public var county: String?
  /// The upper node's name.
  public var province: String?
  /// The province's boot, whose clock all times here are of.
  public var boot: String?
  /// Id of the incident.
  public var incident: String?
  /// 32 hexadecimal digits that only this incident has.
  public var nonce: String?
  /// Hash of the county's `incident.opened` line.
  public var openedSha256: String?
  /// The county's name of the stream, and of the device.
  public var stream: FactText<StreamName>?
  /// Name of the device, as registered.
  public var device: String?
  /// `node/path@epoch#number`.
  public var unit: FactText<AccessUnitID>?
  /// Of the unit's slices.
  public var vclSha256: String?
  /// Of the JPEG that the province keeps.
  public var jpegSha256: String?
  /// Pixels.
  public var width: Int64?
  /// Pixels.
  public var height: Int64?
  /// Neither black nor flat.
  public var isVisible: Bool?
  /// A dark scene, which counts.
  public var isDark: Bool?
  /// p(B) and the beacon's nonce; nil when E1 carried no beacon of this boot of the province.
  public var beacon: BootTime?
  /// Of the beacon that E1 carried.
  public var beaconNonce: String?
  /// p(E1′), when E1 arrived; nil when that was in an earlier boot of the province.
  public var arrival: BootTime?
  /// p(E7).
  public var decoded: BootTime?
  /// How the picture is proven: `decoded`, `countyClockOnly`, …
  public var grade: String?

  public init() {}

  public init(_ object: [String: JSON]) {
    let read = FactReader(object)
    version = read["v"]
    county = read["county"]
    province = read["province"]
    boot = read["boot"]
    incident = read["incident"]
    nonce = read["nonce"]
    openedSha256 = read["openedSha256"]
    stream = read["stream"]
    device = read["device"]
    unit = read["unit"]
    vclSha256 = read["vclSha256"]
    jpegSha256 = read["jpegSha256"]
    width = read["width"]
    height = read["height"]
    isVisible = read["visible"]
    isDark = read["dark"]
    beacon = read["beaconNs"]
    beaconNonce = read["beaconNonce"]
    arrival = read["heardNs"]
    decoded = read["decodedNs"]
    grade = read["grade"]
  }

  /// As a province writes it: every member, null where it is nil.
  public var fields: [String: JSON] {
    [
      "v": version.json, "county": county.json, "province": province.json, "boot": boot.json, "incident": incident.json, "nonce": nonce.json,
      "openedSha256": openedSha256.json, "stream": stream.json, "device": device.json, "unit": unit.json, "vclSha256": vclSha256.json,
      "jpegSha256": jpegSha256.json, "width": width.json, "height": height.json, "visible": isVisible.json, "dark": isDark.json,
      "beaconNs": beacon.json, "beaconNonce": beaconNonce.json, "heardNs": arrival.json, "decodedNs": decoded.json, "grade": grade.json,
    ]
  }
}

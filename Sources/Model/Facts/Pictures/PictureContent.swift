/// What a decoder saw of a unit (measurement.md §4.3).
public struct PictureContent: Hashable, Sendable {
  /// SHA-256 of the unit's slices: the same at both tiers, for nothing transcodes on the way up.
  public var vclSha256: String?
  /// Of the JPEG that is kept.
  public var jpegSha256: String?
  /// False for a black or flat picture, which is no first picture.
  public var isVisible: Bool
  /// A dark scene, which counts.
  public var isDark: Bool
  /// When the decode result was back in the relay: the fact's boot time.
  public var decoded: BootTime?
  /// Pixels.
  public var width: Int64?
  /// Pixels.
  public var height: Int64?

  public init(_ picture: DecodedPicture, decoded: BootTime) {
    vclSha256 = picture.vclSHA256
    jpegSha256 = picture.jpegSHA256
    isVisible = picture.visible
    isDark = picture.dark
    self.decoded = decoded
    width = Int64(picture.width)
    height = Int64(picture.height)
  }

  init(_ read: FactReader) {
    vclSha256 = read["vclSha256"]
    jpegSha256 = read["jpegSha256"]
    isVisible = read["visible"] ?? false
    isDark = read["dark"] ?? false
    decoded = read["decodedNs"]
    width = read["width"]
    height = read["height"]
  }

  var members: [String: JSON] {
    [
      "vclSha256": vclSha256.json, "jpegSha256": jpegSha256.json, "visible": isVisible.json, "dark": isDark.json, "decodedNs": decoded.json,
      "width": width.json, "height": height.json,
    ]
  }
}

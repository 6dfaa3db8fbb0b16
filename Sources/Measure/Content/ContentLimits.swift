internal import Model

/// When picture or sound shows nothing (measurement.md §2): black and DARK as ffmpeg's blackdetect counts pixels, and flat besides; the same picture
/// as its freezedetect, on thumbnails; silence as its silencedetect.
public enum ContentLimits {
  /// Pixels up to a luma of 0.10, in thousandths of all, that make a picture dark.
  public static let darkPerMille: Int64 = 980
  /// Variance of luma below which a picture is flat, millionths.
  public static let flatVariancePPM: Int64 = 100
  /// Mean absolute difference of thumbnails up to which two pictures are the same, millionths of full scale.
  public static let samePPM: Int64 = 1000
  /// Loudest sample of silence, thousandths of a dBFS.
  public static let quietMilliDecibel: Int64 = -50_000

  /// Spans shorter than these do not count.
  static let blackNs: Int64 = 2_000_000_000
  static let frozenNs: Int64 = 10_000_000_000
  static let silentNs: Int64 = 10_000_000_000

  static func isDark(perMille: Int64) -> Bool { perMille >= darkPerMille }
  static func isFlat(variancePPM: Int64) -> Bool { variancePPM < flatVariancePPM }
}

/// When a picture shows nothing (measurement.md §2; dark as ffmpeg's blackdetect has it).
public struct VisibleThresholds: Sendable, Hashable {
  /// Pixels up to this luma are dark, thousandths of full scale.
  public var darkLumaMilli = 100
  /// So many thousandths of all pixels dark make a dark picture.
  public var darkShareMilli = 980
  /// Below this variance of luma a picture is flat, millionths of full scale squared.
  public var flatVariancePpm = 100

  /// Those of measurement.md §2.
  public init() {}
}

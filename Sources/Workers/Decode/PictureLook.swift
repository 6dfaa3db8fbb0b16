/// Whether a picture shows anything (measurement.md §2).
public struct PictureLook: Sendable, Hashable {
  /// Mean of luma in thousandths of full scale, with the range of the picture (16–235 or 0–255) taken out.
  public var lumaMeanMilli: Int
  /// Variance of luma in millionths of full scale squared.
  public var lumaVariancePpm: Int
  /// Neither black nor flat.
  public var visible: Bool
  /// Nearly all pixels are dark, yet there is something to see: a torch-lit night scene. Visible.
  public var dark: Bool
  /// Dark and flat: a covered lens, a dead input.
  public var black: Bool
  /// One uniform colour of any brightness, black included.
  public var flat: Bool

  /// A look as it came over the worker socket; without arguments, one at nothing.
  public init(
    lumaMeanMilli: Int = 0, lumaVariancePpm: Int = 0, visible: Bool = false, dark: Bool = false, black: Bool = false, flat: Bool = false
  ) {
    self.lumaMeanMilli = lumaMeanMilli
    self.lumaVariancePpm = lumaVariancePpm
    self.visible = visible
    self.dark = dark
    self.black = black
    self.flat = flat
  }

  /// Judges by how often each of the 256 luma values occurs.
  public init(histogram: [Int], isFullRange: Bool, thresholds: VisibleThresholds = VisibleThresholds()) {
    let floor = isFullRange ? 0.0 : 16.0
    let range = isFullRange ? 255.0 : 219.0
    // As ffmpeg's blackdetect counts: a pixel is dark up to and with the threshold, cut to a whole value.
    let darkest = Int(floor + range * Double(thresholds.darkLumaMilli) / 1000)
    var count = 0.0
    var sum = 0.0
    var squares = 0.0
    var darkCount = 0.0
    for (value, occurrences) in histogram.enumerated() where occurrences > 0 {
      let luma = (Double(value) - floor) / range
      let weight = Double(occurrences)
      count += weight
      sum += weight * luma
      squares += weight * luma * luma
      if value <= darkest { darkCount += weight }
    }
    guard count > 0 else {
      self.init(flat: true)
      return
    }
    let mean = sum / count
    let variancePpm = max(0, squares / count - mean * mean) * 1_000_000
    let isFlat = variancePpm < Double(thresholds.flatVariancePpm)
    let isDark = darkCount * 1000 >= count * Double(thresholds.darkShareMilli)
    self.init(
      lumaMeanMilli: Int((mean * 1000).rounded()), lumaVariancePpm: Int(variancePpm.rounded()), visible: !isFlat, dark: isDark && !isFlat,
      black: isDark && isFlat, flat: isFlat)
  }

  /// What black and dark are concluded from, rounded down so that whoever reads them concludes the same.
  static func shares(
    histogram: [Int], isFullRange: Bool, thresholds: VisibleThresholds = VisibleThresholds()
  ) -> (darkPerMille: Int64, variancePPM: Int64) {
    let floor = isFullRange ? 0.0 : 16.0
    let range = isFullRange ? 255.0 : 219.0
    let darkest = Int(floor + range * Double(thresholds.darkLumaMilli) / 1000)
    var (count, sum, squares, dark) = (0, 0, 0, 0)
    for (value, occurrences) in histogram.enumerated() where occurrences > 0 {
      count += occurrences
      sum += value * occurrences
      squares += value * value * occurrences
      if value <= darkest { dark += occurrences }
    }
    guard count > 0 else { return (0, 0) }
    let mean = Double(sum) / Double(count)
    let variance = max(0, Double(squares) / Double(count) - mean * mean) / (range * range)
    return (Int64(dark * 1000 / count), Int64(variance * 1_000_000))
  }

  /// Why it does not count; empty when it does.
  public var reason: String { visible ? "" : black ? "black" : "flat" }
}

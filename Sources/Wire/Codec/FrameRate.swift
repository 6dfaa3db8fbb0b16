enum FrameRate {
  /// Ticks a second ÷ ticks a frame in frames a second × 1000, rounded; nil for what cannot be a frame rate (above 1000, or a division by 0).
  static func milli(_ ticks: Int, per frame: Int) -> Int? {
    guard ticks > 0, frame > 0, ticks <= Int(UInt32.max) else { return nil }
    let rate = (ticks &* 1000 &+ frame / 2) / frame
    return (1...1_000_000).contains(rate) ? rate : nil
  }
}

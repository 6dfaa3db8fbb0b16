internal import CMediaMath
public import Model

/// How loud one buffer of decoded sound is.
public struct Loudness: Sendable, Hashable {
  /// Largest magnitude of a sample, 1 being full scale.
  public var peak: Float
  /// The first sample that is loud, as time since the buffer's beginning; nil when none is.
  public var first: Nanoseconds?
  /// The last sample that is loud, as time since the buffer's beginning; nil when none is.
  public var last: Nanoseconds?
  /// How long the buffer plays.
  public var length: Nanoseconds

  init(peak: Float, first: Nanoseconds?, last: Nanoseconds?, length: Nanoseconds) {
    self.peak = peak
    self.first = first
    self.last = last
    self.length = length
  }

  /// Measures interleaved 32-bit floating-point samples; nil when there are none, or the form is none.
  /// - Parameter limit: magnitude from which on a sample is loud.
  init?(samples bytes: UnsafeRawBufferPointer, channels: Int64, rate: Int64, limit: Float) {
    guard channels > 0, rate > 0, let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    var found = FFLoudness()
    ff_loudness(start, bytes.count / 4, limit, &found)
    func time(_ index: Int64) -> Nanoseconds? { index < 0 ? nil : Nanoseconds(index / channels &* 1_000_000_000 / rate) }
    let frames = Int64(bytes.count / 4) / channels
    self.init(
      peak: found.peak, first: time(found.first), last: time(found.last), length: Nanoseconds(frames &* 1_000_000_000 / rate))
  }
}

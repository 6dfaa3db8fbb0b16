import FirstFrameTesting
import Model
import Testing

@testable import Pipelines

@Suite("Sums over pictures and sound") struct MediaMathTests {
  private static func thumbnail(_ luma: [UInt8], width: Int, height: Int, stride: Int? = nil, isFullRange: Bool = true) -> [UInt8] {
    luma.withUnsafeBytes {
      LumaPlane(bytes: $0, offset: 0, stride: stride ?? width, width: width, height: height, isFullRange: isFullRange)?.thumbnail() ?? []
    }
  }

  @Test("a thumbnail's cells are the means of what lies under them", arguments: [(64, 36), (128, 72), (640, 360), (131, 77), (1920, 1080)])
  func means(width: Int, height: Int) {
    var random = Mutator(seed: UInt64(width))
    let luma = (0..<width * height).map { _ in UInt8.random(in: 0...255, using: &random) }
    let cells = Self.thumbnail(luma, width: width, height: height)
    #expect(cells.count == 64 * 36)
    for (x, y) in [(0, 0), (63, 35), (17, 9), (40, 30)] {
      let (left, right) = (x * width / 64, (x + 1) * width / 64)
      let (top, bottom) = (y * height / 36, (y + 1) * height / 36)
      var sum = 0
      for row in top..<bottom { for column in left..<right { sum += Int(luma[row * width + column]) } }
      let mean = Double(sum) / Double((bottom - top) * (right - left))
      #expect(abs(Double(cells[y * 64 + x]) - mean) <= 0.5000001)
    }
  }

  @Test("the picture's range is taken out of a thumbnail, and what lies beyond it is cut")
  func range() {
    for (luma, isFullRange, cell) in [
      (0, true, 0), (255, true, 255), (100, true, 100), (16, false, 0), (235, false, 255), (5, false, 0), (250, false, 255), (126, false, 128),
    ] as [(UInt8, Bool, UInt8)] {
      let cells = Self.thumbnail([UInt8](repeating: luma, count: 640 * 360), width: 640, height: 360, isFullRange: isFullRange)
      #expect(cells.allSatisfy { $0 == cell }, "\(luma)")
    }
  }

  @Test("a picture smaller than the thumbnail repeats its pixels, and what lies behind a row is left out")
  func small() {
    let one = Self.thumbnail([200], width: 1, height: 1)
    #expect(one == [UInt8](repeating: 200, count: 64 * 36))
    let two = Self.thumbnail([10, 240, 99, 10, 240, 99], width: 2, height: 2, stride: 3)
    #expect(Set(two) == [10, 240])
    #expect(two[0] == 10 && two[63] == 240)
  }

  // MARK: Sound

  private static func loudness(_ samples: [Float], channels: Int64 = 1, rate: Int64 = 1000, limit: Float = 0.5, skip: Int = 0) -> Loudness? {
    var bytes = [UInt8](repeating: 0, count: skip)
    for sample in samples { withUnsafeBytes(of: sample) { bytes.append(contentsOf: $0) } }
    return bytes.withUnsafeBytes {
      Loudness(samples: UnsafeRawBufferPointer(rebasing: $0[skip...]), channels: channels, rate: rate, limit: limit)
    }
  }

  @Test("the peak is the largest magnitude; loud is at least the limit, first and last in time")
  func loud() {
    let found = Self.loudness([0, 0.25, -0.5, 0.75, -0.125, 0.5, 0.1])
    #expect(found?.peak == 0.75)
    #expect(found?.first == .milliseconds(2))
    #expect(found?.last == .milliseconds(5))
    #expect(found?.length == .milliseconds(7))
    let quiet = Self.loudness([0.1, -0.49])
    #expect(quiet?.peak == 0.49)
    #expect(quiet?.first == nil && quiet?.last == nil)
  }

  @Test("samples side by side are of one instant, and a buffer that is not aligned is read all the same")
  func channels() {
    let found = Self.loudness([0, 0, 0, 0.9, 0, 0, 0, 0], channels: 2, skip: 3)
    #expect(found?.first == .milliseconds(1))
    #expect(found?.length == .milliseconds(4))
  }

  @Test("NaN is neither loud nor a peak, infinity is both, and what is no sound is none")
  func odd() {
    #expect(Self.loudness([.nan, 0.25, .nan])?.peak == 0.25)
    #expect(Self.loudness([.nan, .nan])?.first == nil)
    #expect(Self.loudness([0, -.infinity])?.peak == .infinity)
    #expect(Self.loudness([0, -.infinity])?.first == .milliseconds(1))
    #expect(Self.loudness([1], channels: 0) == nil)
    #expect(Self.loudness([1], rate: 0) == nil)
    #expect(Loudness(samples: UnsafeRawBufferPointer(start: nil, count: 0), channels: 1, rate: 1, limit: 1) == nil)
  }
}

internal import CMediaMath
internal import Glibc

/// The luma of a decoded picture, eight bits a pixel. Valid only inside the closure that got it.
public struct LumaPlane {
  private let bytes: UnsafeRawBufferPointer
  private let offset: Int
  private let stride: Int
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Luma spans 0–255; otherwise 16–235.
  public let isFullRange: Bool

  /// Nil when the geometry does not fit the bytes.
  /// - Parameters:
  ///   - offset: of the first pixel in `bytes`.
  ///   - stride: bytes from one row to the next.
  public init?(bytes: UnsafeRawBufferPointer, offset: Int, stride: Int, width: Int, height: Int, isFullRange: Bool) {
    guard width > 0, height > 0, stride >= width, offset >= 0 else { return nil }
    let (rows, overflow) = stride.multipliedReportingOverflow(by: height - 1)
    guard !overflow, offset <= bytes.count, rows <= bytes.count - offset, width <= bytes.count - offset - rows else { return nil }
    self.bytes = bytes
    self.offset = offset
    self.stride = stride
    self.width = width
    self.height = height
    self.isFullRange = isFullRange
  }

  /// Whether both show the same, pixel by pixel.
  public func isSame(as other: LumaPlane) -> Bool {
    guard width == other.width, height == other.height else { return false }
    guard let mine = bytes.baseAddress, let theirs = other.bytes.baseAddress else { return false }
    return (0..<height).allSatisfy { row in
      memcmp(mine + offset + row * stride, theirs + other.offset + row * other.stride, width) == 0
    }
  }

  /// 64 × 36 means of luma, row by row, 255 being full scale.
  public func thumbnail() -> [UInt8] {
    var cells = [UInt8](repeating: 0, count: Int(FF_THUMBNAIL_WIDTH * FF_THUMBNAIL_HEIGHT))
    if let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      ff_luma_thumbnail(start + offset, width, height, stride, isFullRange ? 1 : 0, &cells)
    }
    return cells
  }

  /// How often each of the 256 luma values occurs.
  public func histogram() -> [Int] {
    var counts = [Int64](repeating: 0, count: 256)
    if let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      ff_luma_histogram(start + offset, width, height, stride, &counts)
    }
    return counts.map { Int($0) }
  }
}

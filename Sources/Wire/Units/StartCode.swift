/// Start codes (H.264 and H.265 Annex B): 00 00 01 before each NAL unit, and never inside one.
enum StartCode {
  /// Bytes of one, without the zeros that may lie before it.
  static let length = 3

  /// Where the next one begins.
  /// - Parameter start: the first place that is looked at.
  @inline(__always)
  static func find(from start: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
    var at = max(0, start)
    while at &+ 2 < bytes.count {
      // The third byte rules out three places at once when it is neither 0 nor 1.
      if bytes[at &+ 2] > 1 {
        at &+= 3
      } else if bytes[at &+ 2] == 1, bytes[at] == 0, bytes[at &+ 1] == 0 {
        return at
      } else {
        at &+= 1
      }
    }
    return nil
  }

  /// Calls `body` with each NAL unit of bytes that have start codes before or between them; a NAL unit does not end with a zero (§B.1.1).
  static func forEachPart(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
    var begin = 0
    while begin < bytes.count {
      let next = find(from: begin, in: bytes) ?? bytes.count
      var end = next
      while end > begin, bytes[end &- 1] == 0 { end &-= 1 }
      if end > begin { body(UnsafeRawBufferPointer(rebasing: bytes[begin..<end])) }
      begin = next &+ length
    }
  }
}

internal import NIOCore

/// Length-prefixed NAL units with start codes instead: the same size, so each prefix is overwritten in place.
enum AnnexB {
  /// Nil when the lengths do not cover the bytes exactly, or there is no NAL unit: a damaged unit is not decoded.
  static func from(lengthPrefixed bytes: ByteBuffer) -> ByteBuffer? {
    var out = bytes
    var at = out.readerIndex
    let end = out.writerIndex
    guard at < end else { return nil }
    while at < end {
      guard let length = out.getInteger(at: at, as: UInt32.self), length > 0, Int(length) <= end - at - 4 else { return nil }
      out.setInteger(UInt32(1), at: at)
      at += 4 + Int(length)
    }
    return out
  }
}

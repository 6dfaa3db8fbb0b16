internal import Model
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

  /// The same with bytes appended to every NAL unit that `isChosen` takes by its first byte.
  static func from(lengthPrefixed bytes: ByteBuffer, appending tail: [UInt8], where isChosen: (UInt8) -> Bool) -> ByteBuffer {
    var out = ByteBufferAllocator().buffer(capacity: bytes.readableBytes + 16 * tail.count)
    for nal in NALUnits(bytes) {
      out.writeInteger(UInt32(1))
      out.writeImmutableBuffer(nal)
      if let header = nal.getInteger(at: nal.readerIndex, as: UInt8.self), isChosen(header) { out.writeBytes(tail) }
    }
    return out
  }
}

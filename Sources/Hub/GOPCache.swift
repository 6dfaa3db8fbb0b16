internal import Model
internal import NIOCore

/// Compact copies of everything since the newest key unit began, in one form's bytes, so that a reader starts with a picture at once.
struct GOPCache {
  private(set) var bytes = ByteBuffer()
  /// Whether `bytes` begins with a key unit.
  private(set) var startsWithKey = false
  let limit: Int
  /// Room for the next GOP at once, by the last one's size: growing by halves would copy it twice.
  private var expected = 0

  init(limit: Int) { self.limit = limit }

  /// Appends a batch. `keyOffset` is where the newest key unit begins: inside `batch`, or negative in what was appended before.
  /// Returns the bytes from the key unit on when one began.
  mutating func append(_ batch: ByteBuffer, keyOffset: Int?) -> ByteBuffer? {
    guard let keyOffset else {
      extend(batch)
      return nil
    }
    if keyOffset >= 0 {
      restart()
      extend(batch.getSlice(at: batch.readerIndex &+ keyOffset, length: batch.readableBytes &- keyOffset) ?? batch)
    } else {
      let back = 0 &- keyOffset
      guard back <= bytes.readableBytes else {
        // The key unit's first packets were already let go (an oversized GOP): wait for the next one.
        restart()
        extend(batch)
        return nil
      }
      let head = bytes.getSlice(at: bytes.writerIndex - back, length: back)
      restart()
      if let head { bytes.writeImmutableBuffer(head) }
      extend(batch)
    }
    startsWithKey = bytes.readableBytes > 0
    return startsWithKey ? bytes : nil
  }

  mutating func clear() { restart() }

  private mutating func restart() {
    // A new buffer, not clear(): readers may still hold slices of the old one.
    expected = min(limit, bytes.readableBytes &+ bytes.readableBytes / 8)
    bytes = ByteBuffer()
    startsWithKey = false
  }

  private mutating func extend(_ batch: ByteBuffer) {
    guard bytes.readableBytes + batch.readableBytes <= limit else { return restart() }
    if bytes.capacity == 0 { bytes.reserveCapacity(max(expected, batch.readableBytes)) }
    bytes.writeImmutableBuffer(batch)
  }
}

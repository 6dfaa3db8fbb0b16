internal import Model
internal import NIOCore

/// Compact copies of everything since the newest key unit began, in one form's bytes, so that a reader starts with a picture at once.
struct GOPCache {
  private(set) var bytes = ByteBuffer()
  /// Whether `bytes` begins with a key unit.
  private(set) var startsWithKey = false
  let limit: Int
  /// Room for a GOP at once, by the last ones' size: growing by halves would copy it twice.
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
      restart(keeping: back)
      extend(batch)
    }
    startsWithKey = bytes.readableBytes > 0
    return startsWithKey ? bytes : nil
  }

  mutating func clear() { restart() }

  /// Lets `body` write a batch of units straight to where it is kept, for a form whose bytes are made here: no buffer in between.
  /// - Parameter startsWithKey: whether the batch begins with the newest key unit.
  /// - Returns: what was written, to be let go before the next batch, and the same once more when a key unit begins it.
  mutating func write(startsWithKey isKey: Bool, _ body: (inout ByteBuffer) -> Void) -> (bytes: ByteBuffer, fromKey: ByteBuffer?) {
    if isKey { restart() }
    if bytes.capacity == 0 { bytes.reserveCapacity(expected) }
    let start = bytes.writerIndex
    body(&bytes)
    let written = bytes.getSlice(at: start, length: bytes.writerIndex &- start) ?? ByteBuffer()
    let fromKey = isKey && written.readableBytes > 0 ? written : nil
    if bytes.readableBytes > limit { restart() } else if isKey { startsWithKey = fromKey != nil }
    return (written, fromKey)
  }

  /// Begins anew with the last bytes, so many. The storage is used again: a new one for each GOP, by the kernel's leave page for page, was a
  /// seventeenth of forwarding (measured). Readers that still hold slices of it, as one that has just joined on another loop may, keep it; then this one
  /// gets another.
  private mutating func restart(keeping back: Int = 0) {
    let size = bytes.readableBytes
    expected = min(limit, max(size &+ size / 8, expected &- expected / 8))
    startsWithKey = false
    if bytes.capacity > 4 &* max(expected, back, 65_536) {
      // A stream that has become much thinner.
      let kept = bytes.getSlice(at: bytes.writerIndex &- back, length: back)
      bytes = ByteBuffer()
      if let kept { bytes.writeImmutableBuffer(kept) }
    } else if back > 0, (try? bytes.copyBytes(at: bytes.writerIndex &- back, to: 0, length: back)) != nil {
      bytes.moveReaderIndex(to: 0)
      bytes.moveWriterIndex(to: back)
    } else {
      bytes.clear()
    }
  }

  private mutating func extend(_ batch: ByteBuffer) {
    guard bytes.readableBytes + batch.readableBytes <= limit else { return restart() }
    if bytes.capacity == 0 { bytes.reserveCapacity(max(expected, batch.readableBytes)) }
    bytes.writeImmutableBuffer(batch)
  }
}

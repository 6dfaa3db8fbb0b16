internal import NIOCore
internal import Wire

/// Gathers the RTP frames of one read into one run of bytes: a slice of what was received when they lie together on canonical channels, as
/// every publisher sends them, else a copy.
struct FrameSpan {
  private var start = 0
  private var end = 0
  private var copied: ByteBuffer?

  /// Bytes gathered so far: where the next frame will stand in the batch.
  private(set) var length = 0

  /// Appends a frame of `bytes`, header included, that begins at an offset.
  mutating func append(offset: Int, count: Int, canonical channel: UInt8, in bytes: UnsafeRawBufferPointer) {
    if copied == nil {
      if bytes[offset &+ 1] == channel {
        if length == 0 {
          start = offset
          end = offset
        }
        if end == offset {
          end = offset &+ count
          length &+= count
          return
        }
      }
      var copy = ByteBufferAllocator().buffer(capacity: bytes.count)
      if length > 0 { copy.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
      copied = copy
    }
    copied?.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset &+ count]))
    copied?.setInteger(channel, at: length &+ 1)
    length &+= count
  }

  /// The gathered frames, nil for none; `buffer` is what the offsets counted from, at its reader index. Empties the span.
  mutating func finish(in buffer: ByteBuffer) -> ByteBuffer? {
    guard length > 0 else { return nil }
    defer { self = FrameSpan() }
    return copied ?? buffer.getSlice(at: buffer.readerIndex &+ start, length: length)
  }
}

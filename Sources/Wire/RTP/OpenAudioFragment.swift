internal import Model
internal import NIOCore

/// An audio frame longer than a packet, of which fragments came (RFC 3640 §3.2.3).
struct OpenAudioFragment: Sendable {
  private(set) var bytes = ByteBuffer()
  /// Bytes of the whole frame; 0 while none is open.
  private(set) var length = 0
  private(set) var timestamp: UInt32 = 0
  private(set) var firstArrival = BootTime(nanoseconds: 0)
  var unitID: (epoch: UInt64, number: UInt64)?

  mutating func begin(length: Int, timestamp: UInt32, arrival: BootTime) {
    bytes = ByteBuffer()
    bytes.reserveCapacity(min(length, 16_384))
    self.length = length
    self.timestamp = timestamp
    firstArrival = arrival
    unitID = nil
  }

  /// Whether a fragment with this head continues it.
  func continues(length: Int, timestamp: UInt32) -> Bool { self.length == length && self.timestamp == timestamp && length > 0 }

  mutating func append(_ more: UnsafeRawBufferPointer) { bytes.writeBytes(more) }

  var missing: Int { length &- bytes.readableBytes }

  mutating func clear() {
    bytes = ByteBuffer()
    length = 0
  }
}

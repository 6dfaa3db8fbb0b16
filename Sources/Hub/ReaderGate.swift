public import NIOCore

/// Keeps a slow reader from slowing a stream: while its socket is full it is dropped to the next key frame, and what was dropped is counted.
public struct ReaderGate: Sendable {
  /// Whether it waits for a key frame.
  private(set) public var dropping = true
  /// Units left out so far, also while it waited for its first key frame.
  private(set) public var droppedUnits: UInt64 = 0
  /// Their bytes in the reader's form.
  private(set) public var droppedBytes: UInt64 = 0
  /// How many times the reader fell behind.
  private(set) public var drops: UInt64 = 0

  /// - Parameter startsAtKey: whether the reader still waits for its first key frame; false for a reader that may begin anywhere.
  public init(startsAtKey: Bool = true) { dropping = startsAtKey }

  /// What of a delivery to send now; nil to send nothing.
  public mutating func admit(_ delivery: Delivery, writable: Bool) -> ByteBuffer? {
    if writable, delivery.cached || !dropping {
      dropping = false
      return delivery.bytes
    }
    if writable, let fromKey = delivery.fromKey {
      dropping = false
      return fromKey
    }
    if !dropping {
      dropping = true
      drops &+= 1
    }
    droppedUnits &+= UInt64(delivery.unitCount)
    droppedBytes &+= UInt64(delivery.bytes.readableBytes)
    return nil
  }

  /// The reader wants nothing at present: it goes on with a key frame, and nothing is counted as dropped.
  public mutating func pause() { dropping = true }
}

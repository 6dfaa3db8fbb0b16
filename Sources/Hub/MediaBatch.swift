public import Model
public import NIOCore

/// What one read of a publisher's socket brought: handed to the hub in one call.
public struct MediaBatch: Sendable {
  /// Access units that this read completed, in decode order.
  public var units: [AccessUnit]
  /// RTP sources: the packets themselves, each framed `$ channel length` (RFC 2326 §10.12) with channel = 2 × track, back to back.
  /// Rewritten in place when the stream's sequence continues over a takeover, so hand over the only reference.
  public var packets: ByteBuffer
  /// Where the newest key unit begins: an offset into ``packets`` from its reader index; negative when it began that many bytes before this
  /// batch, in packets already posted. Nil when no key unit showed itself in this batch.
  public var keyUnitOffset: Int?
  /// What is to be put right in ``packets``, in order of the offsets.
  public var edits: [PacketEdit]
  /// Arrival of the newest byte.
  public var arrival: BootTime

  /// Without packets for protocols that have none.
  public init(units: [AccessUnit], packets: ByteBuffer = ByteBuffer(), keyUnitOffset: Int? = nil, edits: [PacketEdit] = [], arrival: BootTime) {
    self.units = units
    self.packets = packets
    self.keyUnitOffset = keyUnitOffset
    self.edits = edits
    self.arrival = arrival
  }
}

public import Model
public import NIOCore

/// Somebody who reads a stream: a viewer's connection, the recorder, an uplink, a probe. Called on ``loop`` only.
public protocol StreamReader: AnyObject, Sendable {
  var loop: any EventLoop { get }
  /// The stream is live: called before its first delivery, and again when its tracks or publisher changed.
  func streamStarted(_ description: StreamDescription)
  func receive(_ delivery: Delivery)
  /// The publisher left; within the takeover window it may continue.
  func streamInterrupted(at: BootTime)
  /// The name is free again; a reader may stay subscribed and wait for the next publisher.
  func streamEnded(_ reason: Fault)
  /// RTP readers: the publisher's newest sender report, in the numbers this reader sees.
  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32)
  /// What this reader was sent, for API and metrics; nil for readers inside the node.
  func snapshot(at: BootTime) -> ReaderSnapshot?
}

/// One batch as a reader gets it.
public struct Delivery: Sendable {
  /// The packetised form; empty for readers of units.
  public var bytes: ByteBuffer
  /// Set when a key unit begins in this batch: everything from that key unit to the end of the batch. A reader that was dropping resumes
  /// with this instead of ``bytes``.
  public var fromKey: ByteBuffer?
  /// The units completed by this batch; empty for readers of bytes.
  public var units: [AccessUnit]
  /// How many units the batch completed, for every form.
  public var unitCount: Int
  /// Whether this is the GOP cache, replayed to a reader that just came.
  public var cached: Bool
  /// Of the batch's newest byte; of a replayed cache, long ago.
  public var arrival: BootTime

  /// The same with bytes of its own.
  func copied() -> Delivery {
    var own = self
    own.bytes = ByteBuffer(buffer: bytes)
    own.fromKey = fromKey.map { ByteBuffer(buffer: $0) }
    return own
  }
}

extension StreamReader {
  /// Nothing: only readers of RTP need it.
  public func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {}
  /// Nil: a reader inside the node.
  public func snapshot(at: BootTime) -> ReaderSnapshot? { nil }
}

public import Hub
internal import Measure
public import Model
public import NIOCore

/// What a protocol adds to reading: where a stream's bytes go. Called on the session's loop.
public protocol ReaderSink: AnyObject {
  /// Whether more may be written; while not, the reader is dropped to the next key frame.
  var isWritable: Bool { get }
  /// Whether the sink's own reports give the round trip (RTCP RR), so that the kernel is not asked.
  var reportsRoundTrip: Bool { get }
  /// The stream is described, before its first delivery and whenever tracks or publisher change.
  /// - Returns: why the reader cannot go on with it; nil when it can.
  func started(_ description: StreamDescription) -> Fault?
  /// Writes bytes in the form that was subscribed.
  /// - Returns: packets that were written; nil for protocols without packets.
  func write(_ bytes: ByteBuffer, _ delivery: Delivery) -> Int?
  /// The publisher's newest sender report, in the numbers that this reader sees.
  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32)
  /// The stream is over. The sink ends the connection, or stays for the next publisher.
  func ended(_ reason: Fault)
  /// Once a second.
  func readerTick(at now: BootTime)
}

extension ReaderSink {
  /// False: the kernel's figure of the connection is used.
  public var reportsRoundTrip: Bool { false }
  /// Nil: the form itself announces the change (RTMP's sequence headers).
  public func started(_ description: StreamDescription) -> Fault? { nil }
  /// Nothing: the protocol has no sender reports.
  public func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {}
  /// Nothing is due.
  public func readerTick(at now: BootTime) {}
}

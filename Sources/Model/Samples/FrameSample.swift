internal import NIOCore

/// One frame as it was received: the sample from which every frame figure is computed, live and again (measurement.md §2, "Samples").
///
/// Loss-free in a sample file: all members are integers, and a file keeps the order in which samples were made.
public struct FrameSample: Hashable, Sendable {
  /// ``Track/index``.
  public var track: UInt8
  /// ``AccessUnitID/number``; the epoch stands in the session's ``SampleHeader``.
  public var number: UInt64
  /// The unit's presentation time in ticks of the track's clock, unwrapped: ``MediaTime/value`` of its `pts`.
  public var timestamp: Int64
  /// Kernel arrival of the first and of the last packet, on the boot clock.
  public var firstArrival: BootTime
  /// See ``firstArrival``.
  public var lastArrival: BootTime
  /// Payload bytes.
  public var size: Int64
  /// Packets that carried it; 0 where the protocol has none (RTMP).
  public var packets: Int64
  /// The unit's.
  public var flags: AccessUnit.Flags

  public init(
    track: UInt8, number: UInt64, timestamp: Int64, firstArrival: BootTime, lastArrival: BootTime, size: Int64, packets: Int64,
    flags: AccessUnit.Flags
  ) {
    self.track = track
    self.number = number
    self.timestamp = timestamp
    self.firstArrival = firstArrival
    self.lastArrival = lastArrival
    self.size = size
    self.packets = packets
    self.flags = flags
  }

  /// The sample of a unit as it was completed.
  /// - Parameter packets: that carried it; 0 where the protocol has none.
  public init(_ unit: AccessUnit, packets: Int) {
    self.init(
      track: unit.track, number: unit.id.number, timestamp: unit.pts.value, firstArrival: unit.firstArrival, lastArrival: unit.arrival,
      size: Int64(unit.payload.readableBytes), packets: Int64(packets), flags: unit.flags)
  }
}

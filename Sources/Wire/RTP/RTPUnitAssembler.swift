public import Model

/// Puts one track's RTP packets together to access units: reordering (UDP), depacketising, unit borders, loss, parameter sets.
///
/// Lives on one event loop and is called for each packet: nothing is allocated per packet, only per unit. Presentation times are the
/// unwrapped RTP timestamps as they are; placing them on the stream's time line is the hub's.
public struct RTPUnitAssembler: Sendable {
  /// A longer unit is dropped.
  public static let maximumUnitLength = 8 << 20

  /// Parameters, generation, size and frame rate follow the parameter sets in the stream.
  public private(set) var track: Track
  public let origin: UnitOrigin
  public let epoch: UInt64
  public private(set) var counters = AssemblyCounters()

  /// - Parameters:
  ///   - reorder: true for UDP: packets out of order wait in a window of 64 packets or 50 ms of arrival time, repeated ones are dropped.
  ///   - audioIsKey: every audio unit carries ``AccessUnit/Flags/key``: the stream has no video.
  public init(
    track: Track, format: RTPPayloadFormat = RTPPayloadFormat(), origin: UnitOrigin, epoch: UInt64, reorder: Bool, audioIsKey: Bool = false
  ) {
    self.track = track
    self.origin = origin
    self.epoch = epoch
  }

  /// Takes one packet; the units it completes are appended.
  /// - Parameters:
  ///   - packet: the whole RTP packet that `header` was read from; only looked at during the call.
  ///   - numbering: the number given last in this epoch, over all tracks; goes up by one for each unit that has no `unitID`.
  ///   - unitID: what the packet's header extension told, between our own nodes: the unit keeps that epoch and number.
  /// - Returns: the role of this packet; ``PacketRole/endsUnit`` and ``PacketRole/parametersChanged`` also when packets that waited in the
  ///   window brought it about.
  public mutating func receive(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, arrival: BootTime, numbering: inout UInt64,
    unitID: (epoch: UInt64, number: UInt64)? = nil, into units: inout [AccessUnit]
  ) -> PacketRole {
    []
  }

  /// Nothing more will come: empties the window and finishes the open unit.
  public mutating func flush(numbering: inout UInt64, into units: inout [AccessUnit]) {}
}

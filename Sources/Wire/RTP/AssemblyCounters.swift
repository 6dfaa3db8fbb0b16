internal import Model

/// What one track's assembler has seen since it was made. All only grow.
public struct AssemblyCounters: Hashable, Sendable {
  /// Packets handed in.
  public var packets: UInt64 = 0
  /// Sequence numbers passed over when a gap was given up on.
  public var packetsMissing: UInt64 = 0
  /// Packets dropped because their sequence number had been assembled or given up before (window on).
  public var packetsLate: UInt64 = 0
  /// Payloads that could not be read, or that the payload format does not carry here.
  public var payloadsMalformed: UInt64 = 0
  /// NAL units that were several, with start codes (Annex B) between them.
  public var startCodes: UInt64 = 0
  /// Units given out; the three below are among them.
  public var units: UInt64 = 0
  /// Those from which decoding can start.
  public var unitsKey: UInt64 = 0
  /// Those that lack something.
  public var unitsDamaged: UInt64 = 0
  /// Those that are whole, and so is all that they refer to.
  public var unitsClean: UInt64 = 0
  /// Units of which nothing usable came, or that were longer than ``VideoUnitBuilder/maximumUnitLength``.
  public var unitsDropped: UInt64 = 0

  public init() {}

  mutating func count(_ flags: AccessUnit.Flags) {
    units &+= 1
    if flags.contains(.key) { unitsKey &+= 1 }
    if flags.contains(.damaged) { unitsDamaged &+= 1 }
    if flags.contains(.clean) { unitsClean &+= 1 }
  }
}

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
  public var units: UInt64 = 0
  public var unitsKey: UInt64 = 0
  public var unitsDamaged: UInt64 = 0
  public var unitsClean: UInt64 = 0
  /// Units of which nothing usable came, or that were longer than ``RTPUnitAssembler/maximumUnitLength``.
  public var unitsDropped: UInt64 = 0

  public init() {}
}

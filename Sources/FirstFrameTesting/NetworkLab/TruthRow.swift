public import Model

/// One packet, or one copy of it, as the lab knows it.
public struct TruthRow: Hashable, Sendable {
  public enum Direction: String, Hashable, Sendable {
    /// From the field to the centre.
    case forward
    case back
  }

  public struct RTP: Hashable, Sendable {
    public var sequenceNumber: UInt16
    public var timestamp: UInt32
    public var marker: Bool
  }

  public struct TCP: Hashable, Sendable {
    public var sequence: UInt32
    public var acknowledgement: UInt32
    /// Bytes of payload.
    public var payload: Int
  }

  public var direction: Direction
  public var kind: PacketClass
  /// Of its class and direction, from 0; a copy has its original's.
  public var number: UInt64
  public var isCopy: Bool
  /// Of the IP packet, bytes.
  public var length: Int
  public var sourcePort: UInt16
  public var destinationPort: UInt16
  public var rtp: RTP?
  public var tcp: TCP?
  public var fate: PacketFate
  /// The sender's kernel's stamp when it gave the packet to its device, as a packet socket of the lab there saw it.
  public var left: KernelTime?
  /// When the lab took it from the sender's device.
  public var taken: ClockReading
  /// When it was to be handed over: the plan, never the truth.
  public var due: BootTime
  /// Both clocks immediately before and after the call that handed it to the receiver's kernel: its stamp lies between them. Nil for what was
  /// not delivered.
  public var before: ClockReading?
  public var after: ClockReading?
  /// The receiver's kernel's own stamp, as a packet socket of the lab beside the receiver saw it. Nil when the kernel never showed it.
  public var stamp: KernelTime?
}

public import Model

/// One packet, or one copy of it, as the lab knows it.
public struct TruthRow: Hashable, Sendable {
  /// Which way a packet went.
  public enum Direction: String, Hashable, Sendable {
    /// From the field to the centre.
    case forward
    case back
  }

  /// What an RTP packet's header said.
  public struct RTP: Hashable, Sendable {
    /// RFC 3550 §5.1.
    public var sequenceNumber: UInt16
    /// RFC 3550 §5.1.
    public var timestamp: UInt32
    /// Ends an access unit.
    public var marker: Bool
  }

  /// What a TCP segment's header said.
  public struct TCP: Hashable, Sendable {
    /// Of the segment's first byte.
    public var sequence: UInt32
    /// The next byte that its sender expects.
    public var acknowledgement: UInt32
    /// Bytes of payload.
    public var payload: Int
  }

  /// Which way it went.
  public var direction: Direction
  /// Decides which impairments hold.
  public var kind: PacketClass
  /// Of its class and direction, from 0; a copy has its original's.
  public var number: UInt64
  /// The second of a doubled packet.
  public var isCopy: Bool
  /// Of the IP packet, bytes.
  public var length: Int
  /// UDP's or TCP's.
  public var sourcePort: UInt16
  /// UDP's or TCP's.
  public var destinationPort: UInt16
  /// Nil for what is no RTP.
  public var rtp: RTP?
  /// Nil for what is no TCP.
  public var tcp: TCP?
  /// Delivered, or why not.
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
  /// See ``before``.
  public var after: ClockReading?
  /// The receiver's kernel's own stamp, as a packet socket of the lab beside the receiver saw it. Nil when the kernel never showed it.
  public var stamp: KernelTime?
}

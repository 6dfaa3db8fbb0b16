public import Model

/// One received datagram. Its bytes lie in the loop's storage and are good only during the call.
public struct Datagram {
  /// The payload of one UDP datagram, perhaps empty.
  public let bytes: UnsafeRawBufferPointer
  /// Who sent it.
  public let source: PeerAddress
  /// What the owner of the socket chose when it had it watched: a track, a half of a pair, whatever tells its sockets from each other.
  public let flow: Int
  /// When the kernel received it, in boot time (measurement.md §1.2).
  public let arrival: BootTime
  /// Between ``arrival`` and the read: the observer's own lag.
  public let lag: Nanoseconds
  /// Datagrams that this socket has lost for want of room since it was bound, modulo 2³² (SO_RXQ_OVFL).
  public let overflows: UInt32
}

internal import Model

/// One datagram in the loop's slab; good only during the call.
struct Datagram {
  let bytes: UnsafeRawBufferPointer
  let source: PeerAddress
  let track: Int
  let isRTCP: Bool
  let arrival: BootTime
  /// Between the kernel's stamp and the read: the observer's own lag.
  let lag: Nanoseconds
  /// Datagrams that this socket has lost for want of room, modulo 2³².
  let overflows: UInt32
}

/// Takes the datagrams of one session. Called on the datagram loop's thread only.
protocol DatagramReceiver: AnyObject, Sendable {
  func receive(_ datagram: Datagram)
  /// The round is over; something was received in it.
  func roundEnded(at now: BootTime)
  func clockStepped(by step: Nanoseconds, at now: BootTime)
}

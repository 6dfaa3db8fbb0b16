public import Model

/// What the datagrams of watched sockets are handed to. Called on the loop that watches them.
public protocol DatagramReceiver: AnyObject {
  /// One datagram, in the order of its socket. It may unwatch any socket, this one too: then nothing more of it comes.
  func receive(_ datagram: Datagram)
  /// The round is over in which something was received: once a round, however many sockets it came from, and also when they were unwatched in it.
  /// - Parameter now: when the round's clocks were read.
  func roundEnded(at now: BootTime)
  /// The wall clock was stepped, forward if `step` is above zero. Comes before the datagrams of the round in which it was noticed.
  func clockStepped(by step: Nanoseconds, at now: BootTime)
}

public import Model
internal import NIOCore

/// What the room holds at most, from the constants that it works with (`docs/limits.md`).
public enum CascadeBounds {
  /// Each once.
  public static let all: [Bound] = [
    Bound("control.frame", LinkFrame.maximum, .bytes, a: "connection", beyond: "the link is closed"),
    Bound("control.frameOfStranger", LinkFrame.maximumOfStranger, .bytes, a: "connection", beyond: "refused and closed"),
    Bound("control.handshake", Int(LinkChannel.handshakeTime.nanoseconds / 1_000_000_000), .seconds, a: "connection", beyond: "refused and closed"),
    Bound("control.queue", LinkChannel.queueLimit, .bytes, a: "connection", beyond: "the link is closed; it is dialled again"),
    Bound("pairing.waiting", PairingDoor.mostWaiting, .entries, a: "node", beyond: "refused unread"),
    Bound("pairing.attempts", Int(PendingPairing.attempts), .attempts, a: "code", beyond: "the code opens nothing any more"),
  ]
}

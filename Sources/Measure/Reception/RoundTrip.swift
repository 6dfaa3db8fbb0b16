public import Model

/// Round trip from a receiver report, RFC 3550 §6.4.1: arrival − LSR − DLSR.
public enum RoundTrip {
  /// - Parameters:
  ///   - arrival: the middle 32 bits of the NTP time, by the clock that wrote the sender report, when the report block arrived.
  ///   - lastSenderReport: LSR; 0 means the peer has had none.
  ///   - delay: DLSR in 1/65536 s.
  /// - Returns: nil without a sender report, or for a value that is negative or above a minute (a clock that stepped, a peer that lies).
  public static func nanoseconds(arrival: UInt32, lastSenderReport: UInt32, delay: UInt32) -> Nanoseconds? {
    guard lastSenderReport != 0 else { return nil }
    let units = Int64(Int32(bitPattern: arrival &- lastSenderReport &- delay))
    guard units >= 0, units < 60 * 65536 else { return nil }
    return Nanoseconds(units * 1_000_000_000 / 65536)
  }
}

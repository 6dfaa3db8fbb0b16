internal import Model

/// One key unit's way from one of our nodes to this one.
struct Transit {
  let track: UInt8
  /// The instant before its first write, on the sender's clock.
  let sent: BootTime
  /// Arrival of its last packet, on ours.
  let arrived: BootTime
}

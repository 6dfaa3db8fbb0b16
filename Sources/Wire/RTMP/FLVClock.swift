internal import Model

/// A publication's timestamps beyond 32 bits, in milliseconds.
struct FLVClock: Sendable {
  private var last: (timestamp: UInt32, time: Int64, arrival: BootTime)?
  private var hasJumped = false

  /// A jump that the arrival does not explain (the encoder restarted its clock) is bridged by the arrival, and ``removeJump()`` says so.
  mutating func time(of timestamp: UInt32, arrival: BootTime) -> Int64 {
    guard let before = last else {
      last = (timestamp, Int64(timestamp), arrival)
      return Int64(timestamp)
    }
    let step = Int64(Int32(bitPattern: timestamp &- before.timestamp))
    let elapsed = (arrival - before.arrival).value / 1_000_000
    var time = before.time &+ step
    if step < -3000 || step > 10_000, abs(step &- elapsed) > 5000 {
      time = before.time &+ max(0, elapsed)
      hasJumped = true
    }
    last = (timestamp, time, arrival)
    return time
  }

  /// Whether a jump was bridged since the last call: the next unit is marked.
  mutating func removeJump() -> Bool {
    defer { hasJumped = false }
    return hasJumped
  }
}

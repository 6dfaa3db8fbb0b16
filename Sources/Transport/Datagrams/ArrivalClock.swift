internal import Model

/// Turns the kernel's stamps into boot time, round by round of reads, and notices when the wall clock is stepped (measurement.md §1.2).
struct ArrivalClock {
  /// Beyond this the wall clock was stepped; slewing moves it by at most 0.5 ms in the second between two rounds.
  static let stepLimit = Nanoseconds.milliseconds(5)

  private var before: ClockReading
  private var now: ClockReading

  init(_ reading: ClockReading) {
    before = reading
    now = reading
  }

  /// Begins a round. Returns how far the wall clock was stepped since the one before, nil when it was not.
  mutating func begin(_ reading: ClockReading) -> Nanoseconds? {
    before = now
    now = reading
    let step = now.step(since: before)
    return step > ArrivalClock.stepLimit || step < -ArrivalClock.stepLimit ? step : nil
  }

  /// When a datagram that was read in this round arrived.
  ///
  /// A datagram that was stamped before a step is placed by the reading before it: it must have come after the sockets were last emptied, at most
  /// a second before that reading. Without a usable stamp the arrival is the time of the read.
  /// - Parameters:
  ///   - stamp: CLOCK_REALTIME by the kernel; 0 when it gave none.
  ///   - read: when the datagram was read. This is later than the round's beginning, on a busy machine much later; what came in between came
  ///     when the kernel says.
  func arrival(kernelNanoseconds stamp: Int64, read: BootTime) -> BootTime {
    guard stamp != 0 else { return read }
    let kernel = KernelTime(nanoseconds: stamp)
    let slack = Nanoseconds.milliseconds(1)
    for reading in [now, before] {
      let arrival = reading.boot(of: kernel)
      if arrival <= read + slack, arrival + slack >= before.boot - Nanoseconds.seconds(1) { return min(arrival, read) }
    }
    return read
  }

  /// When the round's clocks were read.
  var roundTime: BootTime { now.boot }
}

extension NodeClock {
  /// Both clocks within 20 µs of each other: read again, at most four times, when the thread was pushed aside in between.
  func tightReading() -> ClockReading {
    var best = (gap: Int64.max, reading: reading())
    for _ in 0..<4 {
      let first = bootTime()
      let wall = wallTime()
      let gap = (bootTime() - first).value
      if gap < best.gap {
        let middle = first + Nanoseconds(gap / 2)
        best = (gap, ClockReading(boot: middle, kernel: KernelTime(nanoseconds: wall.nanoseconds)))
      }
      if gap < 20_000 { break }
    }
    return best.reading
  }
}

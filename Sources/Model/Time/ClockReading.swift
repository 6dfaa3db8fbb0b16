/// Both of a node's clocks read at one instant: the bridge between kernel stamps and boot time.
public struct ClockReading: Sendable, Hashable {
  /// The clock that intervals are computed with.
  public var boot: BootTime
  /// The clock that the kernel stamps packets with.
  public var kernel: KernelTime

  public init(boot: BootTime, kernel: KernelTime) {
    self.boot = boot
    self.kernel = kernel
  }

  /// The boot time of a kernel stamp, by this reading.
  public func boot(of stamp: KernelTime) -> BootTime {
    BootTime(nanoseconds: boot.nanoseconds &+ (stamp.nanoseconds &- kernel.nanoseconds))
  }

  /// How far the wall clock moved against boot time since an earlier reading: beyond a few milliseconds it was stepped.
  public func step(since earlier: ClockReading) -> Nanoseconds {
    let wall = kernel.nanoseconds &- earlier.kernel.nanoseconds
    return Nanoseconds(wall &- (boot.nanoseconds &- earlier.boot.nanoseconds))
  }
}

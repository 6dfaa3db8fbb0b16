#if canImport(Glibc)
  internal import Glibc
#endif

/// A node's clocks. The real one reads the kernel; tests bring their own.
public protocol NodeClock: Sendable {
  func bootTime() -> BootTime
  func wallTime() -> WallTime
  /// The kernel's random id of this boot (`/proc/sys/kernel/random/boot_id`), or `unknown`.
  var bootID: String { get }
}

extension NodeClock {
  /// Both clocks at one instant.
  public func reading() -> ClockReading {
    ClockReading(boot: bootTime(), kernel: KernelTime(nanoseconds: wallTime().nanoseconds))
  }
}

/// The kernel's own clocks.
public struct SystemClock: NodeClock {
  /// Read once.
  public let bootID: String

  public init() {
    var id = "unknown"
    if let file = fopen("/proc/sys/kernel/random/boot_id", "r") {
      var buffer = [CChar](repeating: 0, count: 64)
      if fgets(&buffer, Int32(buffer.count), file) != nil {
        let text = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        id = String(decoding: text, as: UTF8.self)
      }
      fclose(file)
    }
    bootID = id
  }

  /// `CLOCK_BOOTTIME`, which goes on while the machine sleeps.
  public func bootTime() -> BootTime { BootTime(nanoseconds: read(CLOCK_BOOTTIME)) }
  /// `CLOCK_REALTIME`, which may step.
  public func wallTime() -> WallTime { WallTime(nanoseconds: read(CLOCK_REALTIME)) }

  private func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

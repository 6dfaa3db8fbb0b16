/// An instant on `CLOCK_REALTIME` as the kernel stamps packets (SO_TIMESTAMPNS), in nanoseconds since 1970.
///
/// It may step; convert it to ``BootTime`` by a ``ClockReading`` made around the batch of reads it came with.
public struct KernelTime: Hashable, Comparable, Sendable {
  /// Since 1970 UTC.
  public var nanoseconds: Int64
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
  public static func < (a: KernelTime, b: KernelTime) -> Bool { a.nanoseconds < b.nanoseconds }
}

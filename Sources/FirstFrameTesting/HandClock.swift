public import Model
internal import Synchronization

/// A clock that the test moves.
public final class HandClock: NodeClock {
  private let now = Mutex<Int64>(1_000_000_000_000)
  private let reads = Mutex(0)
  public let bootID = "test"

  public init() {}

  /// How often the boot time was asked for.
  public var readCount: Int { reads.withLock { $0 } }

  public func bootTime() -> BootTime {
    reads.withLock { $0 += 1 }
    return BootTime(nanoseconds: now.withLock { $0 })
  }

  public func wallTime() -> WallTime { WallTime(nanoseconds: now.withLock { $0 } + 1_700_000_000_000_000_000) }
  public func advance(_ span: Nanoseconds) { now.withLock { $0 += span.value } }
}

public import Model
internal import Synchronization

/// A clock that the test moves.
public final class HandClock: NodeClock {
  private let now = Mutex<Int64>(1_000_000_000_000)
  private let reads = Mutex(0)
  /// The same for all clocks of a test.
  public let bootID = "test"

  public init() {}

  /// How often the boot time was asked for.
  public var readCount: Int { reads.withLock { $0 } }

  /// As far as ``advance(_:)`` has brought it.
  public func bootTime() -> BootTime {
    reads.withLock { $0 += 1 }
    return BootTime(nanoseconds: now.withLock { $0 })
  }

  /// As if the node had booted at 2023-11-14T22:13:20Z.
  public func wallTime() -> WallTime { WallTime(nanoseconds: now.withLock { $0 } + 1_700_000_000_000_000_000) }
  /// Moves both clocks on.
  public func advance(_ span: Nanoseconds) { now.withLock { $0 += span.value } }
}

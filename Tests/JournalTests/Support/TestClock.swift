import Model
import Synchronization

/// A clock that goes on by one millisecond at each look, so that no two facts share a time.
final class TestClock: NodeClock {
  let bootID: String
  private let now: Mutex<Int64>

  init(_ start: Int64 = 1_000_000_000, bootID: String = "b0071d00-0000-4000-8000-000000000001") {
    self.bootID = bootID
    now = Mutex(start)
  }

  func bootTime() -> BootTime {
    BootTime(
      nanoseconds: now.withLock {
        $0 += 1_000_000
        return $0
      })
  }
  func wallTime() -> WallTime { WallTime(nanoseconds: 1_763_800_000_000_000_000 + now.withLock { $0 }) }
}

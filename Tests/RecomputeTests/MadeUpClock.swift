import Model
import Synchronization

/// A node's clocks as a made-up history needs them: set by hand.
final class MadeUpClock: NodeClock {
  let bootID: String
  private let boot: Mutex<Int64>
  private let offset: Int64

  init(bootID: String, boot: Int64, wall: Int64) {
    self.bootID = bootID
    self.boot = Mutex(boot)
    offset = wall - boot
  }

  func bootTime() -> BootTime { BootTime(nanoseconds: boot.withLock { $0 }) }
  func wallTime() -> WallTime { WallTime(nanoseconds: boot.withLock { $0 } + offset) }
  func set(_ time: Int64) { boot.withLock { $0 = max($0, time) } }
}

import Hub
import Measure
import Model
import Synchronization

@testable import Archive

/// A clock that stands until it is moved.
final class ManualClock: NodeClock {
  let bootID: String
  private let time = Mutex<(boot: Int64, wall: Int64)>((1_000_000_000_000, 1_700_000_000_000_000_000))

  init(boot: String = "boot-1") { bootID = boot }

  func bootTime() -> BootTime { time.withLock { BootTime(nanoseconds: $0.boot) } }
  func wallTime() -> WallTime { time.withLock { WallTime(nanoseconds: $0.wall) } }

  func move(to boot: BootTime) {
    time.withLock { time in
      guard boot.nanoseconds > time.boot else { return }
      time.wall += boot.nanoseconds - time.boot
      time.boot = boot.nanoseconds
    }
  }
}

/// A publisher that needs nothing.
final class StubSource: PublicationSource {
  func close(_ reason: Fault) {}
  func requestKeyframe(track: UInt8) {}
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}

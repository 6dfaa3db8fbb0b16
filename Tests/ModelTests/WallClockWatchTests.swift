import Model
import Testing

@Suite("The wall clock is watched against boot time")
struct WallClockWatchTests {
  private static func reading(_ boot: Int64, wall: Int64, taking: Int64 = 100) -> WallClockWatch.Reading {
    WallClockWatch.Reading(
      before: BootTime(nanoseconds: boot), wall: WallTime(nanoseconds: wall), after: BootTime(nanoseconds: boot + taking))
  }

  @Test("An hour forth and back is two steps, each once", arguments: [3_600_000_000_000, -3_600_000_000_000] as [Int64])
  func hour(step: Int64) {
    var watch = WallClockWatch()
    var steps: [Int64] = []
    for second in 0..<30 {
      let boot = Int64(second) * 1_000_000_000
      let wall = 1_700_000_000_000_000_000 + boot + ((10..<20).contains(second) ? step : 0)
      if let step = watch.update(WallClockWatchTests.reading(boot, wall: wall), synced: true).step { steps.append(step.value) }
    }
    #expect(steps == [step, -step])
  }

  @Test("Slewing at 500 ppm is no step, and neither is a thread that was pushed aside between two reads")
  func slew() {
    var watch = WallClockWatch()
    for second in 0..<100 {
      let boot = Int64(second) * 1_000_000_000
      let aside: Int64 = second % 3 == 0 ? 400_000_000 : 100
      // The wall clock is read at the end of the pause: seemingly ahead by all of it.
      let wall = boot + boot / 2000 + aside
      #expect(watch.update(WallClockWatchTests.reading(boot, wall: wall, taking: aside), synced: false).step == nil)
    }
  }

  @Test(
    "A step is found when it is beyond 20 ms for certain",
    arguments: [(20_000_100, false), (20_000_301, true), (-20_000_301, true)] as [(Int64, Bool)])
  func edge(step: Int64, found: Bool) {
    var watch = WallClockWatch()
    _ = watch.update(WallClockWatchTests.reading(0, wall: 0), synced: nil)
    #expect((watch.update(WallClockWatchTests.reading(1_000_000_000, wall: 1_000_000_000 + step), synced: nil).step != nil) == found)
  }

  @Test("Its state is announced at first, when it changes, and every ten minutes")
  func state() {
    var watch = WallClockWatch()
    var found: [Int] = []
    for second in 0..<1300 {
      let boot = Int64(second) * 1_000_000_000
      if watch.update(WallClockWatchTests.reading(boot, wall: boot), synced: second >= 100).isStateDue { found.append(second) }
    }
    #expect(found == [0, 100, 700])
  }
}

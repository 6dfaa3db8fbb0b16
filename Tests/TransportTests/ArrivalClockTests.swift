import Model
import Testing

@testable import Transport

@Suite("Kernel stamps become boot time")
struct ArrivalClockTests {
  /// Boot seconds with the wall clock a day and an offset ahead.
  private func reading(_ seconds: Int64, offset: Int64 = 0) -> ClockReading {
    ClockReading(
      boot: BootTime(nanoseconds: seconds * 1_000_000_000), kernel: KernelTime(nanoseconds: (seconds + 86_400 + offset) * 1_000_000_000))
  }

  private func at(_ milliseconds: Int64) -> BootTime { BootTime(nanoseconds: milliseconds * 1_000_000) }

  private func stamp(_ milliseconds: Int64, offset: Int64 = 0) -> Int64 { (milliseconds + (86_400 + offset) * 1000) * 1_000_000 }

  @Test("a stamp keeps its distance to the reading")
  func plain() {
    var clock = ArrivalClock(reading(10))
    #expect(clock.begin(reading(11)) == nil)
    #expect(clock.arrival(kernelNanoseconds: stamp(10_700), read: at(11_001)) == at(10_700))
  }

  @Test("what came after the round had begun, while the loop had no time, came when the kernel says")
  func late() {
    var clock = ArrivalClock(reading(10))
    _ = clock.begin(reading(11))
    #expect(clock.arrival(kernelNanoseconds: stamp(11_186), read: at(11_190)) == at(11_186))
    // The two clocks are read one after the other: a hair later than the read is the read.
    #expect(clock.arrival(kernelNanoseconds: stamp(11_191), read: at(11_190)) == at(11_190))
  }

  @Test("no stamp, or one of the future, is the read's own time")
  func missing() {
    var clock = ArrivalClock(reading(10))
    _ = clock.begin(reading(11))
    #expect(clock.arrival(kernelNanoseconds: 0, read: at(11_001)) == at(11_001))
    #expect(clock.arrival(kernelNanoseconds: stamp(99_000), read: at(11_001)) == at(11_001))
  }

  @Test("a step of the wall clock is noticed, and datagrams stamped before it keep their arrival", arguments: [Int64(3600), -3600])
  func step(_ hours: Int64) {
    var clock = ArrivalClock(reading(10))
    let step = clock.begin(reading(11, offset: hours))
    #expect(step == .seconds(hours))
    #expect(clock.arrival(kernelNanoseconds: stamp(10_400), read: at(11_001)) == at(10_400))
    #expect(clock.arrival(kernelNanoseconds: stamp(10_900, offset: hours), read: at(11_001)) == at(10_900))
    #expect(clock.begin(reading(12, offset: hours)) == nil)
  }
}

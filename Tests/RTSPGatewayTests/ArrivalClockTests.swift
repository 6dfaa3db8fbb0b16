import Model
import Testing

@testable import RTSPGateway

@Suite("Kernel stamps become boot time")
struct ArrivalClockTests {
  /// Boot seconds with the wall clock a day and an offset ahead.
  private func reading(_ seconds: Int64, offset: Int64 = 0) -> ClockReading {
    ClockReading(
      boot: BootTime(nanoseconds: seconds * 1_000_000_000), kernel: KernelTime(nanoseconds: (seconds + 86_400 + offset) * 1_000_000_000))
  }

  private func stamp(_ milliseconds: Int64, offset: Int64 = 0) -> Int64 { (milliseconds + (86_400 + offset) * 1000) * 1_000_000 }

  @Test("a stamp keeps its distance to the reading")
  func plain() {
    var clock = ArrivalClock(reading(10))
    #expect(clock.begin(reading(11)) == nil)
    #expect(clock.arrival(kernelNanoseconds: stamp(10_700)) == BootTime(nanoseconds: 10_700_000_000))
  }

  @Test("no stamp, or one of the future, is the round's own time")
  func missing() {
    var clock = ArrivalClock(reading(10))
    _ = clock.begin(reading(11))
    #expect(clock.arrival(kernelNanoseconds: 0) == clock.roundTime)
    #expect(clock.arrival(kernelNanoseconds: stamp(99_000)) == clock.roundTime)
  }

  @Test("a step of the wall clock is told, and datagrams stamped before it keep their arrival", arguments: [Int64(3600), -3600])
  func step(_ hours: Int64) {
    var clock = ArrivalClock(reading(10))
    let step = clock.begin(reading(11, offset: hours))
    #expect(step == .seconds(hours))
    #expect(clock.arrival(kernelNanoseconds: stamp(10_400)) == BootTime(nanoseconds: 10_400_000_000))
    #expect(clock.arrival(kernelNanoseconds: stamp(10_900, offset: hours)) == BootTime(nanoseconds: 10_900_000_000))
    #expect(clock.begin(reading(12, offset: hours)) == nil)
  }
}

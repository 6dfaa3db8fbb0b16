import FirstFrameTesting
import Model
import Testing
import Wire

@Suite("A sender's clock may jump, and the time line goes on")
struct MediaClockTests {
  /// Units 40 ms apart, in milliseconds of a clock that begins at `begin`, each a step of the sender's clock.
  private struct Bench {
    var clock: MediaClock
    var now = BootTime(nanoseconds: 7_000_000_000)
    var timestamp: UInt32
    var times: [Int64] = []
    var methods: [ClockRepair.Method] = []
    var steps: [Int64] = []

    init(_ order: MediaClock.Order = .ascending, begin: UInt32 = 1_000_000, rate: Int32 = 1000) {
      clock = MediaClock(track: 3, clockRate: rate, order: order)
      timestamp = begin
      times.append(clock.advance(to: timestamp, at: now))
    }

    /// The sender's clock moves by `step` ticks while `passed` milliseconds go by.
    mutating func move(_ step: Int64, passed: Int64 = 40, beside other: MediaClock? = nil) {
      timestamp = UInt32(truncatingIfNeeded: Int64(timestamp) &+ step)
      now = now + .milliseconds(passed)
      times.append(clock.advance(to: timestamp, at: now, beside: other))
      if let repair = clock.removeRepair() {
        methods.append(repair.method)
        steps.append(repair.step.value / 1_000_000)
      }
    }

    mutating func run(_ count: Int) { for _ in 0..<count { move(40) } }

    var stepsOfTimes: [Int64] { zip(times, times.dropFirst()).map { $1 - $0 } }
  }

  @Test(
    "a clock that steps back, begins again at 0 or jumps ahead, and stays there, is bridged once",
    arguments: [-40, -250, -4960, -5_000, -86_400_000, -1_000_000, 1_500, 10_800_000, 2_000_000_000] as [Int64])
  func stays(jump: Int64) {
    var bench = Bench()
    bench.run(50)
    bench.move(jump)
    bench.run(50)
    let small = jump == -40
    #expect(bench.methods == [small ? .held : .bridged] && bench.steps == [jump])
    #expect(bench.stepsOfTimes.allSatisfy { $0 > 0 && $0 <= 40 })
    // Holding gives nothing away: the sender's clock is the time line again.
    let sent: Int64 = small ? 99 * 40 : 101 * 40
    let added: Int64 = small ? 0 : 40 - jump
    #expect(bench.times.last == 1_000_000 + sent)
    #expect(bench.clock.offset == UInt32(truncatingIfNeeded: added))
  }

  @Test("one unit with a time hours away changes nothing behind it", arguments: [-10_800_000, -2500, -300, 2500, 10_800_000] as [Int64])
  func oneOdd(jump: Int64) {
    var bench = Bench()
    bench.run(10)
    bench.move(40 + jump)
    bench.move(40 - jump)
    bench.run(10)
    #expect(bench.methods == [.bridged, .restored])
    #expect(bench.stepsOfTimes.allSatisfy { $0 == 40 } && bench.clock.offset == 0)
  }

  @Test("what comes late and in a heap is no jump, nor is a pause, nor a wrap of the 32 bits")
  func noJump() {
    var bench = Bench(begin: .max - 200)
    bench.run(100)
    // The network stands for eight seconds, the encoder drops three of them.
    bench.move(40, passed: 8000)
    for _ in 0..<60 { bench.move(40, passed: 0) }
    bench.move(3000, passed: 0)
    for _ in 0..<60 { bench.move(40, passed: 0) }
    // A camera is silent for a minute by its own clock too.
    bench.move(60_000, passed: 60_000)
    // One picture in two seconds, three of them in one read.
    for passed in [2000, 6000, 0, 0, 2000] as [Int64] { bench.move(2000, passed: passed) }
    #expect(bench.methods.isEmpty)
    let sent: Int64 = 220 * 40 + 40 + 3000 + 60_000 + 10_000
    #expect(bench.times.last == Int64(UInt32.max) - 200 + sent)
  }

  @Test("reordered pictures are no jump, declared or learned; a step beyond a second is one all the same")
  func reordering() {
    for order in [MediaClock.Order.reordered, .unknown] {
      var bench = Bench(order, rate: 1000)
      for _ in 0..<40 { for step in [160, -120, 40, 40] as [Int64] { bench.move(step) } }
      #expect(bench.methods.isEmpty)
      bench.move(-5000)
      #expect(bench.methods == [.bridged])
      for _ in 0..<10 { for step in [160, -120, 40, 40] as [Int64] { bench.move(step) } }
      #expect(bench.methods == [.bridged] && bench.times.last ?? 0 > bench.times[100])
    }
  }

  @Test("where nothing says it, a hundred units in order show that there is no reordering, and two small steps back that there is")
  func learned() {
    var bench = Bench(.unknown)
    bench.run(120)
    bench.move(-600)
    bench.run(100)
    #expect(bench.methods == [.bridged] && bench.stepsOfTimes.allSatisfy { $0 == 40 })
    for _ in 0..<10 { for step in [160, -120, 40, 40] as [Int64] { bench.move(step) } }
    #expect(bench.methods.count <= 4)
    bench.methods = []
    for _ in 0..<10 { for step in [160, -120, 40, 40] as [Int64] { bench.move(step) } }
    #expect(bench.methods.isEmpty)
  }

  @Test("a second track of the same sender goes where the first went, so that they stay where they were to each other")
  func together() {
    var video = Bench()
    var audio = Bench(begin: 1_000_013)
    for _ in 0..<20 {
      video.move(40)
      audio.move(40, beside: video.clock)
    }
    let apart = (audio.times.last ?? 0) - (video.times.last ?? 0)
    video.move(-900_000, passed: 55)
    audio.move(-900_000 + 40, passed: 12, beside: video.clock)
    #expect(video.methods == [.bridged] && audio.methods == [.restored])
    video.move(40)
    audio.move(0, passed: 0, beside: video.clock)
    let after = (audio.times.last ?? 0) - (video.times.last ?? 0)
    #expect(after == apart)
  }

  @Test("another source is followed without a word")
  func source() {
    var bench = Bench(rate: 1000)
    bench.run(5)
    bench.clock.changeSource()
    bench.timestamp = 77
    bench.move(0)
    bench.run(5)
    #expect(bench.methods.isEmpty && bench.stepsOfTimes.allSatisfy { $0 == 40 })
  }

  @Test("any timestamps at any arrivals never trap, and times never go back where there is no reordering")
  func anything() {
    var random = SystemRandomNumberGenerator()
    for order in [MediaClock.Order.ascending, .unknown, .reordered] {
      var clock = MediaClock(track: 0, clockRate: .max, order: order)
      var last = Int64.min
      for _ in 0..<5000 {
        let timestamp = [0, .max, UInt32.random(in: 0...UInt32.max, using: &random), 0x8000_0000].randomElement(using: &random) ?? 0
        let arrival = BootTime(nanoseconds: [0, .max, .min, Int64.random(in: 0...1 << 40, using: &random)].randomElement(using: &random) ?? 0)
        let time = clock.advance(to: timestamp, at: arrival)
        _ = clock.removeRepair()
        if order == .ascending { #expect(time >= last) }
        last = time
      }
    }
  }
}

import FirstFrameTesting
import Model
import Testing

@testable import Cascade

/// Two clocks in a world whose time only the test knows: the own clock counts from zero, the peer's runs up to 15 ppm faster or slower and changes its
/// mind every half minute, and may jump.
private struct TwoClocks {
  /// Nanoseconds of the peer's clock when the own shows zero.
  var ahead: Int64
  /// Parts per thousand million, one every 30 s.
  var rates: [Int64]
  var jump: (at: Int64, by: Int64)?

  func peer(_ time: Int64) -> Int64 {
    var shown = ahead + time
    var from: Int64 = 0
    for rate in rates where from < time {
      let span = min(time - from, 30_000_000_000)
      shown += span / 1000 * rate / 1_000_000
      from += span
    }
    if let jump, time >= jump.at { shown += jump.by }
    return shown
  }
}

/// A path with a delay each way, jitter, and now and then a stall such as a lost TCP segment makes.
private struct Path {
  var there: Int64
  var back: Int64
  var jitter: Int64
  var stall: Int64

  func delay(_ base: Int64, _ random: inout Mutator) -> Int64 {
    var delay = base + Int64.random(in: 0...jitter, using: &random)
    if stall > 0, Int.random(in: 0..<50, using: &random) == 0 { delay += Int64.random(in: 0...stall, using: &random) }
    return delay
  }
}

@Suite("The offset of two nodes' clocks")
struct OffsetEstimatorTests {
  private static let second: Int64 = 1_000_000_000
  private static let millisecond: Int64 = 1_000_000

  private struct World {
    var random: Mutator
    var clocks: TwoClocks
    var path: Path
    var estimator = OffsetEstimator()

    init(seed: UInt64) {
      random = Mutator(seed: seed)
      let rates = (0..<20).map { [random] index in
        var random = random
        for _ in 0..<index { _ = random.next() }
        // Half of the worlds go to the limit of what is allowed.
        return seed % 2 == 0 ? Int64.random(in: -14_990...14_990, using: &random) : (seed % 4 == 1 ? 14_990 : -14_990)
      }
      clocks = TwoClocks(ahead: Int64.random(in: -9_000_000_000_000_000...9_000_000_000_000_000, using: &random), rates: rates)
      let paths = [
        Path(there: 60, back: 10, jitter: 0, stall: 0), Path(there: 60, back: 10, jitter: 30, stall: 0),
        Path(there: 10, back: 60, jitter: 5, stall: 1500), Path(there: 1, back: 1, jitter: 1, stall: 0),
        Path(there: 300, back: 300, jitter: 200, stall: 3000),
      ]
      let one = paths[Int(seed % UInt64(paths.count))]
      let unit = OffsetEstimatorTests.millisecond
      path = Path(there: one.there * unit, back: one.back * unit, jitter: one.jitter * unit, stall: one.stall * unit)
    }

    /// The longest that an exchange can take.
    var longest: Int64 { path.there + path.back + 2 * path.jitter + 2 * path.stall + 50 * OffsetEstimatorTests.millisecond }

    /// One exchange that begins at `start`; when it ended and what it did.
    mutating func exchange(at start: Int64) -> (end: Int64, outcome: OffsetEstimator.Outcome) {
      let heard = start + path.delay(path.there, &random)
      let answered = heard + Int64.random(in: 0...50 * OffsetEstimatorTests.millisecond, using: &random)
      let end = answered + path.delay(path.back, &random)
      let outcome = estimator.add(
        t1: BootTime(nanoseconds: start), t2: clocks.peer(heard), t3: clocks.peer(answered), t4: BootTime(nanoseconds: end))
      return (end, outcome)
    }

    /// Whether the interval contains what the clocks really show at an instant; nil without one.
    func contains(at time: Int64) -> Bool? {
      let truth = clocks.peer(time) - time
      return estimator.interval(at: BootTime(nanoseconds: time)).map { $0.low <= truth && truth <= $0.high }
    }
  }

  @Test("The interval contains the truth after every exchange and between them, and nothing is taken for a step", arguments: 0..<240)
  func truth(seed: UInt64) {
    var world = World(seed: seed)
    var time: Int64 = 0
    var missed = 0
    for exchange in 0..<330 {
      let (end, outcome) = world.exchange(at: time)
      if outcome != .agreed { missed += 1 }
      time = end + Int64.random(in: 0...2 * OffsetEstimatorTests.second, using: &world.random)
      if exchange % 2 == 0, world.contains(at: exchange % 4 == 0 ? end : time) != true { missed += 1 }
    }
    #expect(missed == 0)
    let width = world.estimator.interval(at: BootTime(nanoseconds: time)).map { $0.high - $0.low } ?? .max
    // Narrower than any exchange but the quickest, widened by what a second of drift allows.
    #expect(width <= world.path.there + world.path.back + 2 * world.path.jitter + 100_000)
    // A link that was silent for an hour knows less, and still the truth.
    #expect(world.contains(at: time + 3600 * OffsetEstimatorTests.second) == nil || world.contains(at: time) == true)
  }

  @Test("Every step beyond the round trip is seen at the next exchange, bounded, and the interval is right again", arguments: 0..<240)
  func steps(seed: UInt64) throws {
    var world = World(seed: seed)
    var time: Int64 = 0
    for _ in 0..<Int.random(in: 2..<200, using: &world.random) {
      time = world.exchange(at: time).end + Int64.random(in: 0...OffsetEstimatorTests.second, using: &world.random)
    }
    // From twice the longest exchange to two hours, evenly in its logarithm.
    var size = 2 * world.longest
    for _ in 0..<Int.random(in: 0..<12, using: &world.random) { size = min(size * 2, 7200 * OffsetEstimatorTests.second) }
    let jump = seed % 2 == 0 ? size : -size
    world.clocks.jump = (time, jump)
    let (end, outcome) = world.exchange(at: time)
    guard case .stepped(let low, let high) = outcome else {
      Issue.record("a step of \(jump) ns was not seen")
      return
    }
    #expect(try #require(low) <= jump && jump <= #require(high))
    #expect(world.contains(at: end) == true)
    time = end
    for _ in 0..<50 {
      let (end, outcome) = world.exchange(at: time)
      #expect(outcome == .agreed)
      #expect(world.contains(at: end) == true)
      time = end + OffsetEstimatorTests.second
    }
  }

  @Test("A step within the round trip may hide, but moves the interval off by no more than itself and not beyond five minutes", arguments: 0..<40)
  func hidden(seed: UInt64) {
    var world = World(seed: seed)
    var time: Int64 = 0
    for _ in 0..<60 { time = world.exchange(at: time).end + OffsetEstimatorTests.second }
    let size = Int64.random(in: 1...(world.path.there + world.path.back), using: &world.random)
    world.clocks.jump = (time, seed % 2 == 0 ? size : -size)
    let stepped = time
    var wrongAfterHorizon = 0
    while time < stepped + 330 * OffsetEstimatorTests.second {
      time = world.exchange(at: time).end
      let truth = world.clocks.peer(time) - time
      if let interval = world.estimator.interval(at: BootTime(nanoseconds: time)) {
        let off = max(interval.low - truth, truth - interval.high)
        #expect(off <= size + 100_000)
        if off > 0, time > stepped + 301 * OffsetEstimatorTests.second + world.longest { wrongAfterHorizon += 1 }
      }
      time += OffsetEstimatorTests.second
    }
    #expect(wrongAfterHorizon == 0)
  }

  @Test("An exchange that cannot be, with a clock that jumped in its middle, is told and believed in nothing")
  func impossible() {
    var estimator = OffsetEstimator()
    let start = BootTime(nanoseconds: 0)
    #expect(estimator.add(t1: start, t2: 500, t3: 600, t4: BootTime(nanoseconds: 1000)) == .agreed)
    #expect(
      estimator.add(t1: start, t2: 500, t3: 3_600_000_000_000, t4: BootTime(nanoseconds: 1000)) == .stepped(low: nil, high: nil))
    #expect(estimator.interval(at: start) == nil)
    #expect(estimator.add(t1: BootTime(nanoseconds: 10), t2: 0, t3: 0, t4: start) == .stepped(low: nil, high: nil))
    #expect(
      estimator.add(t1: BootTime(nanoseconds: .min), t2: .max, t3: .min, t4: BootTime(nanoseconds: .max)) == .stepped(low: nil, high: nil))
  }
}

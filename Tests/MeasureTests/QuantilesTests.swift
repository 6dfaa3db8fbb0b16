import FirstFrameTesting
import Model
import Testing

@testable import Measure

@Suite("Quantiles and roundings are defined to the last digit")
struct QuantilesTests {
  @Test("Nearest rank: the value at rank ⌈p·n⌉")
  func nearestRank() {
    let thousand = Quantiles((1...1000).map { Int64($0) }.reversed())
    #expect(thousand?.p50 == 500)
    #expect(thousand?.p95 == 950)
    #expect(thousand?.p99 == 990)
    #expect(thousand?.p999 == 999)
    #expect(thousand?.maximum == 1000)
    let three = Quantiles([30, 10, 20])
    #expect(three?.p50 == 20)
    #expect(three?.p95 == 30)
    #expect(Quantiles([7])?.p50 == 7)
    #expect(Quantiles([]) == nil)
  }

  @Test("Delay variation is taken from the window's least delay")
  func variation() {
    let variation = Quantiles(variationOf: [-5, 0, 10, 100])
    #expect(variation?.p50 == 5)
    #expect(variation?.maximum == 105)
  }

  @Test("Quantiles equal those of a sorted copy", arguments: 0..<20)
  func equalsSorted(seed: UInt64) {
    var random = Mutator(seed: seed)
    let values = (0..<Int.random(in: 1...3000, using: &random)).map { _ in Int64.random(in: -1000...1000, using: &random) }
    let sorted = values.sorted()
    let n = sorted.count
    let quantiles = Quantiles(values)
    // ⌈n·p⌉ by counting: the least value that at least p·n values do not exceed.
    #expect(quantiles?.p50 == sorted.first { value in 1000 * sorted.count { $0 <= value } >= 500 * n })
    #expect(quantiles?.p999 == sorted.first { value in 1000 * sorted.count { $0 <= value } >= 999 * n })
  }

  @Test("Rounding is half to even at six digits")
  func rounding() {
    #expect(Rounding.millionths(1, of: 3) == 333_333)
    #expect(Rounding.millionths(1, of: 2_000_000) == 0)
    #expect(Rounding.millionths(3, of: 2_000_000) == 2)
    #expect(Rounding.millionths(5, of: 2_000_000) == 2)
    #expect(Rounding.millionths(-1, of: 2_000_000) == 0)
    #expect(Rounding.millionths(-3, of: 2_000_000) == -2)
    #expect(Rounding.millionths(1, of: 0) == nil)
    #expect(Rounding.seconds(Nanoseconds(1_234_567_500)) == 1.234568)
    #expect(Rounding.seconds(Nanoseconds(1_234_566_500)) == 1.234566)
    #expect(Rounding.milliseconds(Nanoseconds(1_234_567)) == 1.234567)
  }

  @Test("A ring keeps absolute indices while it slides and grows")
  func ring() {
    var ring = Ring<Int>()
    for value in 0..<1000 {
      ring.append(value)
      if value % 3 == 0 { ring.removeFirst() }
    }
    #expect(ring.start == 334)
    #expect(ring.end == 1000)
    #expect(ring[absolute: 333] == nil)
    #expect(ring.elements(from: 0, to: 2000) == Array(334..<1000))
    ring.removeAll(before: 990)
    #expect(ring.first == 990)
    #expect(ring.last == 999)
  }

  @Test("The round trip of a report is arrival − LSR − DLSR")
  func roundTrip() {
    #expect(RoundTrip.nanoseconds(arrival: 0x0002_8000, lastSenderReport: 0x0001_0000, delay: 0x0001_0000) == .milliseconds(500))
    #expect(RoundTrip.nanoseconds(arrival: 5, lastSenderReport: 0, delay: 0) == nil)
    #expect(RoundTrip.nanoseconds(arrival: 5, lastSenderReport: 10, delay: 0) == nil)
    #expect(RoundTrip.nanoseconds(arrival: 0, lastSenderReport: 0xFFFF_8000, delay: 0) == .milliseconds(500))
  }

  @Test("Wilson's interval of 20 of 20 is 83.9–100 %")
  func wilson() {
    let all = WilsonInterval(successes: 20, of: 20)
    #expect(all?.low == 0.838875)
    #expect(all?.high == 1)
    let half = WilsonInterval(successes: 5, of: 10)
    #expect(half?.low == 0.236593)
    #expect(half?.high == 0.763407)
    #expect(WilsonInterval(successes: 0, of: 7)?.low == 0)
    #expect(WilsonInterval(successes: 1, of: 0) == nil)
  }
}

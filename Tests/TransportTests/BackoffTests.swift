import FirstFrameTesting
import Model
import Testing
import Transport

@Suite("Waits before another try")
struct BackoffTests {
  private func waits(_ backoff: inout Backoff, _ count: Int, seed: UInt64) -> [Nanoseconds] {
    var chance = Mutator(seed: seed)
    return (0..<count).map { _ in backoff.next(using: &chance) }
  }

  @Test("without jitter they double from the first to the longest and stay there")
  func exact() {
    var backoff = Backoff(first: .milliseconds(200), longest: .seconds(10), jitterPercent: 0)
    #expect(waits(&backoff, 9, seed: 1).map(\.value) == [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000].map { $0 * 1_000_000 })
    #expect(backoff.failures == 9)
    backoff.reset()
    #expect(backoff.failures == 0)
    #expect(backoff.next() == .milliseconds(200))
  }

  @Test("with jitter they lie around the doubled wait, differ, and are never beyond the longest")
  func jitter() {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(30), jitterPercent: 25)
    let all = waits(&backoff, 400, seed: 4)
    for (index, base) in [Int64(1), 2, 4, 8, 16].enumerated() {
      #expect(all[index] >= .milliseconds(base * 750) && all[index] <= .milliseconds(base * 1250))
    }
    let last = all.dropFirst(5)
    #expect(last.allSatisfy { $0 >= .milliseconds(22_500) && $0 <= .seconds(30) })
    #expect(Set(last.map(\.value)).count > 350)
    // Both ends of the range are used.
    #expect(last.contains { $0 < .milliseconds(23_250) } && last.contains { $0 > .milliseconds(29_250) })
  }

  @Test("a link's waits of 250 ms to 8 s move by a fifth")
  func link() {
    var backoff = Backoff(first: .milliseconds(250), longest: .seconds(8), jitterPercent: 20)
    let all = waits(&backoff, 7, seed: 9)
    for (index, base) in [Int64(250), 500, 1000, 2000, 4000].enumerated() {
      #expect(all[index] >= .milliseconds(base * 8 / 10) && all[index] <= .milliseconds(base * 12 / 10))
    }
    #expect(all.suffix(2).allSatisfy { $0 >= .milliseconds(6400) && $0 <= .seconds(8) })
  }

  @Test("absurd figures do not trap", arguments: [Int64.max, 0, -5])
  func absurd(_ nanoseconds: Int64) {
    var backoff = Backoff(first: Nanoseconds(nanoseconds), longest: Nanoseconds(nanoseconds), jitterPercent: 300)
    let all = waits(&backoff, 200, seed: 2)
    #expect(all.allSatisfy { $0 >= .zero && $0 <= Nanoseconds(max(0, nanoseconds)) })
    var growing = Backoff(first: Nanoseconds(3), longest: Nanoseconds(Int64.max), jitterPercent: 0)
    let grown = waits(&growing, 200, seed: 2)
    #expect(grown == grown.sorted())
    #expect(grown.last == Nanoseconds(Int64.max))
  }
}

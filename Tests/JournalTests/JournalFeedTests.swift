import Model
import Synchronization
import Testing

@testable import Journal

@Suite("Facts on their way out")
struct JournalFeedTests {
  private static func facts(_ range: ClosedRange<Int64>) -> [Fact] {
    range.map { number in
      Fact(
        node: "n", boot: "b", sequence: number, bootTime: BootTime(nanoseconds: number), wall: "", kind: "a", previous: "", hash: "h\(number)",
        fields: [:])
    }
  }

  @Test("The recent ones are the newest, oldest first, never more than the limit")
  func recent() {
    let feed = JournalFeed(recent: Self.facts(1...3), limit: 4, last: (3, "h3"))
    #expect(feed.recent(10).map(\.sequence) == [1, 2, 3])
    for start in stride(from: 4 as Int64, to: 60, by: 3) {
      feed.publish(Self.facts(start...start + 2))
      #expect(feed.recent(10).map(\.sequence) == Array((start - 1)...(start + 2)))
      #expect(feed.recent(2).map(\.sequence) == [start + 1, start + 2])
      #expect(feed.last == (start + 2, "h\(start + 2)"))
    }
    #expect(feed.recent(0).isEmpty && feed.recent(-3).isEmpty)
    feed.publish([])
    #expect(feed.last.sequence == 60)
  }

  @Test("A subscriber who falls behind loses the oldest and sees it by the numbers; the others lose nothing")
  func slowSubscriber() async {
    let feed = JournalFeed(recent: [], limit: 100, last: (0, ""))
    let slow = feed.subscribe(after: nil, buffer: 3)
    let quick = feed.subscribe(after: nil, buffer: 100)
    for number in 1...10 as ClosedRange<Int64> { feed.publish(Self.facts(number...number)) }
    feed.finish()
    var found: [[Int64]] = [[], []]
    for await fact in slow { found[0].append(fact.sequence) }
    for await fact in quick { found[1].append(fact.sequence) }
    #expect(found[0] == [8, 9, 10])
    #expect(found[1] == Array(1...10))
  }

  @Test("Who subscribes beyond a number first gets what is recent of it, then what comes, without a hole")
  func late() async {
    let feed = JournalFeed(recent: Self.facts(1...5), limit: 100, last: (5, "h5"))
    let stream = feed.subscribe(after: 3, buffer: 100)
    feed.publish(Self.facts(6...7))
    feed.finish()
    var found: [Int64] = []
    for await fact in stream { found.append(fact.sequence) }
    #expect(found == [4, 5, 6, 7])
  }

  @Test("An observer is given the newest number of each group until it is taken off")
  func observers() {
    let feed = JournalFeed(recent: [], limit: 10, last: (0, ""))
    let seen = Mutex<[Int64]>([])
    let id = feed.observe { number in seen.withLock { $0.append(number) } }
    feed.publish(Self.facts(1...3))
    feed.publish(Self.facts(4...4))
    feed.unobserve(id)
    feed.publish(Self.facts(5...5))
    #expect(seen.withLock { $0 } == [3, 4])
  }
}

import Testing

@testable import Workers

@Suite("The queue of jobs") struct JobQueueTests {
  private let now = ContinuousClock.now

  @Test("is bounded, first come first served") func bounded() {
    var queue = JobQueue<Int>(limit: 2)
    let added = [queue.add(1, deadline: now), queue.add(2, deadline: now), queue.add(3, deadline: now)]
    #expect(added == [true, true, false])
    let taken = [queue.next()?.job, queue.next()?.job, queue.next()?.job]
    #expect(taken == [1, 2, nil])
  }

  @Test("gives a job one second chance, before the others") func retry() {
    var queue = JobQueue<Int>(limit: 1)
    _ = queue.add(1, deadline: now)
    guard let first = queue.next() else {
      Issue.record("nothing waits")
      return
    }
    _ = queue.add(2, deadline: now)
    let again = queue.retry(first)
    #expect(again)
    guard let second = queue.next() else {
      Issue.record("nothing waits")
      return
    }
    #expect(second.job == 1)
    let oncemore = queue.retry(second)
    #expect(!oncemore)
    let left = queue.removeAll()
    #expect(left == [2])
  }

  @Test("lets go of what has waited too long") func expires() {
    var queue = JobQueue<Int>(limit: 5)
    _ = queue.add(1, deadline: now)
    _ = queue.add(2, deadline: now + .seconds(1))
    let late = [queue.expire(at: now), queue.expire(at: now)]
    #expect(late == [[1], []])
    #expect(queue.waiting.map(\.job) == [2])
  }

  @Test("waits longer after each failure, up to ten seconds") func backoff() {
    var backoff = WorkerBackoff()
    var waits: [Duration] = []
    for _ in 0..<7 { waits.append(backoff.next()) }
    #expect(waits == [200, 400, 800, 1600, 3200, 6400, 10_000].map { .milliseconds($0) })
    backoff.reset()
    let afterSuccess = backoff.next()
    #expect(afterSuccess == .milliseconds(200))
  }
}

import FirstFrameTesting
import Testing

@testable import Workers

@Suite("Which job a free worker gets") struct JobScheduleTests {
  private struct Job: Equatable {
    var number: Int
    var isBackground: Bool
  }

  private let now = ContinuousClock.now

  @Test("a first picture goes before every background job, whatever came first") func urgentFirst() {
    var schedule = JobSchedule<String>(workers: 4, urgentLimit: 9, backgroundLimit: 9)
    for (job, isBackground) in [("look 1", true), ("look 2", true), ("picture 1", false), ("look 3", true), ("picture 2", false)] {
      _ = schedule.add(job, isBackground: isBackground, deadline: now)
    }
    var order: [String] = []
    while let entry = schedule.next() { order.append(entry.job) }
    #expect(order == ["picture 1", "picture 2", "look 1", "look 2", "look 3"])
  }

  @Test("one worker stays free of background jobs; with one worker it has to share", arguments: [(1, 1), (2, 1), (3, 2), (8, 7)])
  func oneStaysFree(workers: Int, most: Int) {
    var schedule = JobSchedule<Int>(workers: workers, urgentLimit: 9, backgroundLimit: 99)
    for job in 0..<20 { _ = schedule.add(job, isBackground: true, deadline: now) }
    var atWork = 0
    while schedule.next() != nil { atWork += 1 }
    #expect(atWork == most)
    let more = schedule.backgroundEnded()
    #expect(more)
    let (next, none) = (schedule.next()?.job, schedule.next()?.job)
    #expect(next == most && none == nil)
  }

  @Test("a worker that is done with the last background job has no successor") func lastOne() {
    var schedule = JobSchedule<Int>(workers: 2, urgentLimit: 9, backgroundLimit: 9)
    _ = schedule.add(1, isBackground: true, deadline: now)
    _ = schedule.next()
    let more = schedule.backgroundEnded()
    #expect(!more)
    #expect(schedule.atBackground == 0)
  }

  @Test("each kind has a limit of its own") func limits() {
    var schedule = JobSchedule<Int>(workers: 2, urgentLimit: 2, backgroundLimit: 1)
    var added: [Bool] = []
    for isBackground in [true, true, false, false, false] { added.append(schedule.add(0, isBackground: isBackground, deadline: now)) }
    #expect(added == [true, false, true, true, false])
    #expect(schedule.waiting == 3)
  }

  @Test("over any run of events every job is given once, refused or expired, in order of its kind, and no more background jobs run than may")
  func fairness() {
    var random = Mutator(seed: 61)
    var given = 0
    for _ in 0..<300 {
      let workers = Int.random(in: 1...5, using: &random)
      var schedule = JobSchedule<Job>(workers: workers, urgentLimit: 6, backgroundLimit: 6)
      var (accepted, gone): ([Job], [Job]) = ([], [])
      var (running, order): ([JobSchedule<Job>.Entry], [Bool: [Int]]) = ([], [:])
      for number in 0..<120 {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...3:
          let job = Job(number: number, isBackground: Bool.random(using: &random))
          let deadline = now + .seconds(Int.random(in: 0...300, using: &random))
          if schedule.add(job, isBackground: job.isBackground, deadline: deadline) { accepted.append(job) }
        case 4, 5:
          guard running.count < workers, let entry = schedule.next() else { continue }
          if entry.job.isBackground { #expect(schedule.urgent.waiting.isEmpty, "a first picture waited") }
          running.append(entry)
          if entry.failures == 0 { order[entry.job.isBackground, default: []].append(entry.job.number) }
          given += 1
        case 6:
          guard !running.isEmpty else { continue }
          let entry = running.remove(at: Int.random(in: 0..<running.count, using: &random))
          if entry.job.isBackground {
            _ = schedule.backgroundEnded()
            gone.append(entry.job)
          } else if Bool.random(using: &random) || !schedule.retry(entry) {
            gone.append(entry.job)
          }
        default: gone += schedule.expire(at: now + .seconds(number * 2))
        }
        let background = running.count { $0.job.isBackground }
        #expect(background <= max(1, workers - 1) && background == schedule.atBackground)
      }
      gone += schedule.removeAll() + running.map(\.job)
      #expect(gone.map(\.number).sorted() == accepted.map(\.number), "each once")
      for numbers in order.values { #expect(numbers == numbers.sorted(), "first come, first served") }
    }
    #expect(given > 3000)
  }

  @Test("a worker's failures are forgotten with its first success") func backoff() {
    var backoff = WorkerBackoff()
    _ = backoff.next()
    backoff.reset()
    #expect(backoff == WorkerBackoff())
  }
}

/// The jobs that wait for a worker: bounded, first come first served, each tried at most twice. Pure.
struct JobQueue<Job> {
  struct Entry {
    var job: Job
    var deadline: ContinuousClock.Instant
    /// How many workers have failed on it.
    var failures = 0
  }

  let limit: Int
  private(set) var waiting: [Entry] = []

  init(limit: Int) { self.limit = limit }

  /// False when the queue is full.
  mutating func add(_ job: Job, deadline: ContinuousClock.Instant) -> Bool {
    guard waiting.count < limit else { return false }
    waiting.append(Entry(job: job, deadline: deadline))
    return true
  }

  /// Removes the job that waits longest.
  mutating func next() -> Entry? { waiting.isEmpty ? nil : waiting.removeFirst() }

  /// Puts a job whose worker failed at the head again; false when it has had its second chance.
  mutating func retry(_ entry: Entry) -> Bool {
    guard entry.failures == 0 else { return false }
    var entry = entry
    entry.failures += 1
    waiting.insert(entry, at: 0)
    return true
  }

  /// Removes what has waited too long.
  mutating func expire(at now: ContinuousClock.Instant) -> [Job] {
    let late = waiting.filter { $0.deadline <= now }.map(\.job)
    waiting.removeAll { $0.deadline <= now }
    return late
  }

  mutating func removeAll() -> [Job] {
    defer { waiting.removeAll() }
    return waiting.map(\.job)
  }
}

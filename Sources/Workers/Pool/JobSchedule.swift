/// Which job a free worker gets: first pictures before background jobs, and of these so few at once that a worker stays free. Pure.
struct JobSchedule<Job> {
  typealias Entry = JobQueue<Job>.Entry

  private(set) var urgent: JobQueue<Job>
  private(set) var background: JobQueue<Job>
  /// Workers that are at background jobs.
  private(set) var atBackground = 0
  /// With one worker it has to share.
  private let mostAtBackground: Int

  /// - Parameters:
  ///   - urgentLimit: first pictures that may wait.
  ///   - backgroundLimit: background jobs that may wait.
  init(workers: Int, urgentLimit: Int, backgroundLimit: Int) {
    urgent = JobQueue(limit: urgentLimit)
    background = JobQueue(limit: backgroundLimit)
    mostAtBackground = max(1, workers - 1)
  }

  /// Jobs that no worker has yet.
  var waiting: Int { urgent.waiting.count + background.waiting.count }

  /// False when too many of its kind wait.
  mutating func add(_ job: Job, isBackground: Bool, deadline: ContinuousClock.Instant) -> Bool {
    isBackground ? background.add(job, deadline: deadline) : urgent.add(job, deadline: deadline)
  }

  /// The job for a worker that is free: a background one only when no other waits, and while a worker stays free for those that may come.
  mutating func next() -> Entry? {
    if let entry = urgent.next() { return entry }
    guard atBackground < mostAtBackground, let entry = background.next() else { return nil }
    atBackground += 1
    return entry
  }

  /// A worker is done with a background job. True when another one waits for its place.
  mutating func backgroundEnded() -> Bool {
    atBackground -= 1
    return !background.waiting.isEmpty
  }

  /// Puts a first picture whose worker failed at the head again; false when it has had its second chance.
  mutating func retry(_ entry: Entry) -> Bool { urgent.retry(entry) }

  /// Removes what has waited too long.
  mutating func expire(at now: ContinuousClock.Instant) -> [Job] { urgent.expire(at: now) + background.expire(at: now) }

  mutating func removeAll() -> [Job] { urgent.removeAll() + background.removeAll() }
}

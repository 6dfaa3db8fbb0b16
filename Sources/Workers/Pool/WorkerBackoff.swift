/// How long to wait before a worker is started again: 0.2 s, doubled after each failure up to 10 s; a success begins anew.
struct WorkerBackoff: Equatable {
  static let first = Duration.milliseconds(200)
  static let longest = Duration.seconds(10)
  private var coming = WorkerBackoff.first

  /// The wait after one more failure.
  mutating func next() -> Duration {
    defer { coming = min(coming * 2, WorkerBackoff.longest) }
    return coming
  }

  mutating func reset() { coming = WorkerBackoff.first }
}

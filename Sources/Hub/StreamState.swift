internal import Model

/// The life of a stream's name, decided without I/O: who publishes, and how long its absence is forgiven.
enum StreamState: Equatable {
  /// Readers may wait; nobody publishes.
  case idle
  case live(publication: UInt64)
  /// The publisher left; its return before `until` continues the stream.
  case lingering(since: BootTime, until: BootTime)

  enum Admission: Equatable {
    case start
    /// A publisher returns: readers stay, the gap is a fact.
    case resume(gapSince: BootTime)
    /// The one that publishes now is closed first.
    case takeOver(from: UInt64)
    case refuse
  }

  /// What to do with somebody who wants to publish at `now`, the last media having come at `lastMedia`.
  func admission(at now: BootTime, lastMedia: BootTime?, policy: HubSettings.SecondPublisher) -> Admission {
    switch self {
    case .idle: return .start
    case .lingering(let since, let until): return now <= until ? .resume(gapSince: lastMedia ?? since) : .start
    case .live(let current):
      switch policy {
      case .refuse: return .refuse
      case .takeOver: return .takeOver(from: current)
      case .takeOverWhenSilent(let silence):
        guard let lastMedia, now - lastMedia < silence else { return .takeOver(from: current) }
        return .refuse
      }
    }
  }
}

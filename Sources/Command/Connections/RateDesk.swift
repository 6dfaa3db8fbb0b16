public import Journal
public import Measure
public import Model

/// Keeps the three rates of a running node: counts each fact once, from the index, and answers from the counts.
///
/// The counts are made of facts alone and begin anew with each start; until they have caught up, who asks waits. Pages are small, so that nobody else who
/// needs a thread waits long.
public actor RateDesk {
  private static let page = 1000

  private let history: FactHistory
  private let newest: @Sendable () -> Int64
  private var reducer = RateReducer()
  private var following: Task<Void, any Error>?

  /// - Parameters:
  ///   - history: all facts, those included that are still to come.
  ///   - newest: sequence of the newest durable fact.
  public init(_ history: FactHistory, newest: @escaping @Sendable () -> Int64) {
    self.history = history
    self.newest = newest
  }

  /// Counts what has come since the last call, as a node does once a second. Throws ``Fault`` when the index cannot be read.
  public func follow() async throws {
    while reducer.throughSequence < newest() {
      // Whoever comes meanwhile waits for the same reading.
      if let following {
        try await following.value
      } else {
        let task = Task { try await read(through: newest()) }
        following = task
        defer { following = nil }
        try await task.value
      }
    }
  }

  private func read(through newest: Int64) async throws {
    var next: FactQuery? = FactQuery(
      kinds: RateReducer.kinds.sorted(), after: reducer.throughSequence, before: newest &+ 1, limit: RateDesk.page)
    while let query = next {
      let page = try await history.page(query)
      for fact in page { reducer.apply(fact) }
      next = query.following(page)
    }
    reducer.passed(through: newest)
  }

  /// The rates by all facts that are durable now. What is counted is handed out; making figures of it takes a while where there is much, and is the
  /// caller's to do on a thread that may block.
  public func counted() async throws -> RateReducer {
    try await follow()
    return reducer
  }
}

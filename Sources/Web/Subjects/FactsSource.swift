public import Journal
public import Model

/// The durable facts of this node; a ``Journal`` is the real one.
public protocol FactsSource: Sendable {
  /// Number and hash of the newest fact; number 0 when there is none.
  var last: (sequence: Int64, hash: String) { get }
  /// The newest facts, oldest first; as many as are kept in memory at most.
  func recent(limit: Int) -> [Fact]
  /// Facts from now on, or beyond `sequence`; who falls `buffer` facts behind loses the oldest.
  func subscribe(after sequence: Int64?, buffer: Int) -> AsyncStream<Fact>
}

extension Journal: FactsSource {}

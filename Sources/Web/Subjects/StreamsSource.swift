public import Hub
public import Model

/// The streams of this node, as the API and the metrics show them; a ``Hub`` is the real one.
public protocol StreamsSource: Sendable {
  /// Every stream's figures, sorted by name. Throws what a media loop that is shutting down throws.
  func snapshots() async throws -> [StreamSnapshot]
  /// One stream's figures; nil when nobody publishes or waits under that name.
  func snapshot(of name: StreamName) async throws -> StreamSnapshot?
  /// Ends a publication by order of an operator; without effect where there is none.
  func kick(_ name: StreamName, reason: Fault)
}

extension Hub: StreamsSource {}

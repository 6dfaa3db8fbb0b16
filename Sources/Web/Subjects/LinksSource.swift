public import Model

/// The tiers above and below this node.
public protocol LinksSource: Sendable {
  /// Uplinks and linked lower nodes: `{uplinks: […], lower: […]}`.
  func links() -> JSON
  /// Incidents that lower nodes announced, at an upper node: an array.
  func announcedIncidents() -> JSON
}

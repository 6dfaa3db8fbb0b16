/// How much something of a node may hold: a queue, a buffer, a table. Each room lists its own from the constants that its code uses;
/// `docs/limits.md` shows them all, and a test holds the two equal.
public struct Bound: Hashable, Sendable {
  /// What ``limit`` counts.
  public enum Unit: String, Sendable { case bytes, entries, connections, seconds, attempts, descriptors }

  /// `room.what`, as the table names it.
  public var name: String
  /// The most that it holds.
  public var limit: Int
  /// What ``limit`` counts.
  public var unit: Unit
  /// Of what there is one such bound: `node`, `connection`, `stream`, `source`.
  public var scope: String
  /// What becomes of that which is beyond it.
  public var beyond: String

  /// One row of the table.
  public init(_ name: String, _ limit: Int, _ unit: Unit, a scope: String, beyond: String) {
    self.name = name
    self.limit = limit
    self.unit = unit
    self.scope = scope
    self.beyond = beyond
  }
}

/// Whose side a failure is on: the first thing a duty officer wants to know.
public enum Origin: String, Sendable, Codable, CaseIterable {
  /// The camera or terminal in the field, or who holds it.
  case device
  /// The line between two machines.
  case network
  /// This node's configuration, or what somebody asked of it.
  case config
  /// This node's disk, or what lies on it.
  case disk
  /// This node's own program.
  case relay
  /// Another centre, or another program that talks to this node.
  case peer
}

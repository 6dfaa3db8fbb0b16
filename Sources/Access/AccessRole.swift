/// What a key's holder is: the four roles of a centre (evidence-and-faults.md §4).
public enum AccessRole: String, Sendable, Codable, CaseIterable {
  /// A crew with a device.
  case field
  /// The duty desk and the wall.
  case hall
  /// Reads everything afterwards, changes nothing.
  case inspector
  case admin
}

/// Which profile or policy judged, beyond doubt.
public struct RuleReference: Hashable, Sendable {
  /// Name of the rule, such as `thirty-minute`.
  public var id: String
  /// Counted up with each change.
  public var version: Int64
  /// SHA-256 of the rule's JSON text.
  public var sha256: String

  public init(id: String, version: Int64, sha256: String) {
    self.id = id
    self.version = version
    self.sha256 = sha256
  }

  /// Nil for anything but an object with all three.
  public init?(_ json: JSON?) {
    guard let json else { return nil }
    self.init(json: json)
  }

  /// The object that facts carry.
  public var json: JSON { .object(members) }
}

extension RuleReference: FactObject {
  init?(_ read: FactReader) {
    guard let id: String = read["id"], let version: Int64 = read["version"], let sha256: String = read["sha256"] else { return nil }
    self.init(id: id, version: version, sha256: sha256)
  }

  var members: [String: JSON] { ["id": .string(id), "version": .int(version), "sha256": .string(sha256)] }
}

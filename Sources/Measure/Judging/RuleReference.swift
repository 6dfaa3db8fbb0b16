public import Model

/// Which profile or policy judged, beyond doubt.
public struct RuleReference: Hashable, Sendable {
  public var id: String
  public var version: Int64
  /// SHA-256 of the rule's JSON text.
  public var sha256: String

  public init(id: String, version: Int64, sha256: String) {
    self.id = id
    self.version = version
    self.sha256 = sha256
  }

  public init(_ profile: QualityProfile, sha256: String) { self.init(id: profile.id, version: profile.version, sha256: sha256) }
  public init(_ policy: Policy, sha256: String) { self.init(id: policy.id, version: policy.version, sha256: sha256) }

  public init?(_ json: JSON?) {
    guard let id = json?["id"]?.stringValue, let version = json?["version"]?.intValue, let sha256 = json?["sha256"]?.stringValue else {
      return nil
    }
    self.init(id: id, version: version, sha256: sha256)
  }

  public var json: JSON { ["id": .string(id), "version": .int(version), "sha256": .string(sha256)] }
}

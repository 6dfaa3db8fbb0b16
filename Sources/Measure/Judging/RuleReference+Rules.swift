public import Model

extension RuleReference {
  /// - Parameter sha256: of the profile's canonical text.
  public init(_ profile: QualityProfile, sha256: String) { self.init(id: profile.id, version: profile.version, sha256: sha256) }
  /// - Parameter sha256: of the policy's canonical text.
  public init(_ policy: Policy, sha256: String) { self.init(id: policy.id, version: policy.version, sha256: sha256) }
}

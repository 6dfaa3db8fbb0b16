/// A profile or policy with its whole text, as facts carry it so that whoever computes again needs no configuration.
public struct EmbeddedRule: Hashable, Sendable {
  /// Name of the rule.
  public var id: String?
  /// Counted up with each change.
  public var version: Int64?
  /// SHA-256 of the canonical text of ``body``: keys sorted by bytes, no spaces, only `"`, `\` and control characters escaped.
  public var sha256: String?
  /// The rule itself.
  public var body: JSON?

  public init(_ reference: RuleReference, body: JSON) {
    id = reference.id
    version = reference.version
    sha256 = reference.sha256
    self.body = body
  }

  /// Nil in a line that does not name the rule whole.
  public var reference: RuleReference? {
    guard let id, let version, let sha256 else { return nil }
    return RuleReference(id: id, version: version, sha256: sha256)
  }
}

extension EmbeddedRule: FactObject {
  init?(_ read: FactReader) {
    id = read["id"]
    version = read["version"]
    sha256 = read["sha256"]
    body = read["body"]
  }

  var members: [String: JSON] { ["id": id.json, "version": version.json, "sha256": sha256.json, "body": body.json] }
}

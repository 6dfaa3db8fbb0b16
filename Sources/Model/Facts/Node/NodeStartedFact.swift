/// `node.started`: the first fact of each run. What the node knew of running streams and links is over.
public struct NodeStartedFact: FactBody {
  /// Written by the journal, when it is opened.
  public static let kinds = [FactKind.nodeStarted]
  /// Of the program.
  public var version: String
  /// `county`, `province`, …, as configured; nil in journals of tools.
  public var role: String?
  /// The process id, for whoever reads the journal beside the system's log.
  public var pid: Int64?

  public init(version: String, role: String? = nil, pid: Int64? = nil) {
    self.version = version
    self.role = role
    self.pid = pid
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    self.init(version: read["version"] ?? "", role: read["role"], pid: read["pid"])
  }

  /// Left out when nil: `role`, `pid`.
  public var fields: [String: JSON] {
    var fields = ["version": version.json]
    fields["role"] = role?.json
    fields["pid"] = pid?.json
    return fields
  }
}

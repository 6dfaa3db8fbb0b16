/// `archive.fault`: the archive does not work as it should: a disk refuses or is nearly full, segments are missing, a recovery failed.
public struct ArchiveFaultFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.archiveFault]
  /// As the fault catalogue words it (``Fault/json``).
  public var reason: JSON
  /// Nil: the whole archive.
  public var stream: FactText<StreamName>?
  /// True where recording still goes on.
  public var isWarning: Bool?
  /// How many segment files are gone, and the first twenty of them.
  public var missing: Int64?
  /// Below the archive's folder.
  public var files: [String]?

  public init(_ fault: Fault, stream: StreamName? = nil, isWarning: Bool? = nil, missing: Int64? = nil, files: [String]? = nil) {
    reason = fault.json
    self.stream = stream.map { FactText($0) }
    self.isWarning = isWarning
    self.missing = missing
    self.files = files
  }

  /// Nil for another kind, or without `reason`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let reason: JSON = read["reason"] else { return nil }
    self.reason = reason
    stream = read["stream"]
    isWarning = read["warning"]
    missing = read["missing"]
    files = read["files"]
  }

  /// Left out when nil: `stream`, `warning`, `missing`, `files`.
  public var fields: [String: JSON] {
    var fields = ["reason": reason]
    fields["stream"] = stream?.json
    fields["warning"] = isWarning?.json
    fields["missing"] = missing?.json
    fields["files"] = files?.json
    return fields
  }
}

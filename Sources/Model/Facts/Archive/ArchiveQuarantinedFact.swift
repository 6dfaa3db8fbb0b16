/// `archive.quarantined`: a file that the archive does not know, or cannot read, was moved aside.
public struct ArchiveQuarantinedFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.archiveQuarantined]
  /// Where it was, below the archive's folder.
  public var file: String
  /// Where it lies now.
  public var to: String

  public init(file: String, to: String) {
    self.file = file
    self.to = to
  }

  /// Nil for another kind, or without `file` and `to`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let file: String = read["file"], let to: String = read["to"] else { return nil }
    self.init(file: file, to: to)
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["file": file.json, "to": to.json] }
}

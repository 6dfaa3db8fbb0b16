/// `segment.committed`: a recorded segment is on the disk; the record of docs/archive.md and its hash.
public struct SegmentCommittedFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.segmentCommitted]
  /// The record as the archive's index keeps it: its canonical text is what is hashed, so it stands here as it is.
  public var record: [String: JSON]
  /// SHA-256 of the record's text and a LF.
  public var hash: String

  public init(record: [String: JSON], hash: String) {
    self.record = record
    self.hash = hash
  }

  /// Nil for another kind, or without `hash`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let hash: String = read["hash"] else { return nil }
    record = fact.fields.filter { $0.key != "hash" && !Fact.envelope.contains($0.key) }
    self.hash = hash
  }

  /// Every member is always there.
  public var fields: [String: JSON] { record.merging(["hash": hash.json]) { $1 } }
}

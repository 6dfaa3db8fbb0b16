/// `recovered`: a torn tail was cut off the journal at start (docs/journal.md).
public struct JournalRecoveredFact: FactBody {
  /// Written by the journal, when it is opened.
  public static let kinds = [FactKind.recovered]
  /// Bytes of a last line that was not whole.
  public var bytesCut: Int64
  /// Number of the newest whole fact.
  public var lastSequence: Int64
  /// The same of the file of signed heads.
  public var headBytesCut: Int64

  public init(bytesCut: Int64, lastSequence: Int64, headBytesCut: Int64) {
    self.bytesCut = bytesCut
    self.lastSequence = lastSequence
    self.headBytesCut = headBytesCut
  }

  /// Nil for another kind, or without `bytesCut` and `lastSeq`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let bytesCut: Int64 = read["bytesCut"], let last: Int64 = read["lastSeq"] else { return nil }
    self.init(bytesCut: bytesCut, lastSequence: last, headBytesCut: read["headBytesCut"] ?? 0)
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    ["bytesCut": bytesCut.json, "lastSeq": lastSequence.json, "headBytesCut": headBytesCut.json]
  }
}

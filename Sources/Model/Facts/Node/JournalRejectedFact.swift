/// `journal.rejected`: a fact broke the journal's own rules and was not written.
public struct JournalRejectedFact: FactBody {
  /// Written by the journal.
  public static let kinds = [FactKind.journalRejected]
  /// Its kind, the first 80 characters.
  public var what: String
  /// Which rule it broke.
  public var detail: String

  public init(what: String, detail: String) {
    self.what = what
    self.detail = detail
  }

  /// Nil for another kind, or without `what`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let what: String = read["what"] else { return nil }
    self.init(what: what, detail: read["detail"] ?? "")
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["what": what.json, "detail": detail.json] }
}

/// `journal.rejected`: a fact broke the journal's own rules and was not written.
public struct JournalRejectedFact: FactBody {
  public static let kinds = [FactKind.journalRejected]
  /// Its kind, the first 80 characters.
  public var what: String
  public var detail: String

  public init(what: String, detail: String) {
    self.what = what
    self.detail = detail
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let what: String = read["what"] else { return nil }
    self.init(what: what, detail: read["detail"] ?? "")
  }

  public var fields: [String: JSON] { ["what": what.json, "detail": detail.json] }
}

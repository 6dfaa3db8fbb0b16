/// `journal.damaged`: the chain did not verify at start. The node goes on all the same.
public struct JournalDamagedFact: FactBody {
  /// Written by the journal, when it is opened.
  public static let kinds = [FactKind.journalDamaged]
  /// Problems that the verifier found.
  public var count: Int64
  /// The first ten, as the verifier words them.
  public var problems: [String]

  public init(count: Int64, problems: [String]) {
    self.count = count
    self.problems = problems
  }

  /// Nil for another kind, or without `count`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let count: Int64 = read["count"] else { return nil }
    self.init(count: count, problems: read["problems"] ?? [])
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["count": count.json, "problems": problems.json] }
}

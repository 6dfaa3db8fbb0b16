/// `journal.damaged`: the chain did not verify at start. The node goes on all the same.
public struct JournalDamagedFact: FactBody {
  public static let kinds = [FactKind.journalDamaged]
  public var count: Int64
  /// The first ten, as the verifier words them.
  public var problems: [String]

  public init(count: Int64, problems: [String]) {
    self.count = count
    self.problems = problems
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let count: Int64 = read["count"] else { return nil }
    self.init(count: count, problems: read["problems"] ?? [])
  }

  public var fields: [String: JSON] { ["count": count.json, "problems": problems.json] }
}

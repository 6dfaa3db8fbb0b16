/// `journal.lost`: facts that found neither disk nor memory.
public struct JournalLostFact: FactBody {
  /// Written by the journal's thread.
  public static let kinds = [FactKind.journalLost]
  /// How many facts.
  public var count: Int64
  /// How many of each kind.
  public var lostKinds: [String: Int64]
  /// When the first and the last of them happened.
  public var from: BootTime?
  /// The last of them.
  public var to: BootTime?

  public init(count: Int64, lostKinds: [String: Int64], from: BootTime?, to: BootTime?) {
    self.count = count
    self.lostKinds = lostKinds
    self.from = from
    self.to = to
  }

  /// Nil for another kind, or without `count`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let count: Int64 = read["count"] else { return nil }
    let kinds = read.object("kinds") ?? [:]
    self.init(count: count, lostKinds: kinds.compactMapValues(\.intValue), from: read["fromNs"], to: read["toNs"])
  }

  /// Null for nil: `fromNs`, `toNs`.
  public var fields: [String: JSON] {
    ["count": count.json, "kinds": .object(lostKinds.mapValues(\.json)), "fromNs": from.json, "toNs": to.json]
  }
}

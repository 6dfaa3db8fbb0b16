/// `clock.state`: what the kernel says of its wall clock (adjtimex), at start, on change and every ten minutes.
public struct ClockStateFact: FactBody {
  public static let kinds = [FactKind.clockState]
  public var isSynchronised: Bool
  /// `adjtimex`; nil where nobody was asked.
  public var source: String?
  public var estimatedError: Nanoseconds?
  public var maximumError: Nanoseconds?

  public init(isSynchronised: Bool, source: String?, estimatedError: Nanoseconds?, maximumError: Nanoseconds?) {
    self.isSynchronised = isSynchronised
    self.source = source
    self.estimatedError = estimatedError
    self.maximumError = maximumError
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let synced: Bool = read["synced"] else { return nil }
    self.init(
      isSynchronised: synced, source: read["source"], estimatedError: read["estimatedErrorNs"], maximumError: read["maxErrorNs"])
  }

  public var fields: [String: JSON] {
    var fields = ["synced": isSynchronised.json]
    fields["source"] = source?.json
    fields["estimatedErrorNs"] = estimatedError?.json
    fields["maxErrorNs"] = maximumError?.json
    return fields
  }
}

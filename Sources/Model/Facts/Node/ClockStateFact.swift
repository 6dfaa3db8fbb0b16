/// `clock.state`: what the kernel says of its wall clock (adjtimex), at start, on change and every ten minutes.
public struct ClockStateFact: FactBody {
  /// Written by the node.
  public static let kinds = [FactKind.clockState]
  /// Whether the kernel takes its wall clock for right.
  public var isSynchronised: Bool
  /// `adjtimex`; nil where nobody was asked.
  public var source: String?
  /// The kernel's estimate.
  public var estimatedError: Nanoseconds?
  /// The kernel's bound.
  public var maximumError: Nanoseconds?

  public init(isSynchronised: Bool, source: String?, estimatedError: Nanoseconds?, maximumError: Nanoseconds?) {
    self.isSynchronised = isSynchronised
    self.source = source
    self.estimatedError = estimatedError
    self.maximumError = maximumError
  }

  /// Nil for another kind, or without `synced`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let synced: Bool = read["synced"] else { return nil }
    self.init(
      isSynchronised: synced, source: read["source"], estimatedError: read["estimatedErrorNs"], maximumError: read["maxErrorNs"])
  }

  /// Left out when nil: `source`, `estimatedErrorNs`, `maxErrorNs`.
  public var fields: [String: JSON] {
    var fields = ["synced": isSynchronised.json]
    fields["source"] = source?.json
    fields["estimatedErrorNs"] = estimatedError?.json
    fields["maxErrorNs"] = maximumError?.json
    return fields
  }
}

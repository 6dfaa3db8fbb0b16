/// `stream.gap`: a stretch without media between two publications of a stream.
public struct StreamGapFact: FactBody {
  /// Written by the hub.
  public static let kinds = [FactKind.streamGap]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// The publication that ended it.
  public var session: String?
  /// Arrival of the last media before.
  public var from: BootTime
  /// Arrival of the first media after.
  public var to: BootTime
  /// Whose fault it is.
  public var cause: FactText<GapCause>

  public init(stream: StreamName, session: String, from: BootTime, to: BootTime, cause: GapCause) {
    self.stream = FactText(stream)
    self.session = session
    self.from = from
    self.to = to
    self.cause = FactText(cause)
  }

  /// Nil for another kind, or without `stream`, `fromNs`, `toNs` and `cause`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let from: BootTime = read["fromNs"],
      let to: BootTime = read["toNs"], let cause: FactText<GapCause> = read["cause"]
    else { return nil }
    self.stream = stream
    session = read["session"]
    self.from = from
    self.to = to
    self.cause = cause
  }

  /// Left out when nil: `session`.
  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "fromNs": from.json, "toNs": to.json, "cause": cause.json]
    fields["session"] = session?.json
    return fields
  }
}

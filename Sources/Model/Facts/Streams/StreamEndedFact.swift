/// `stream.interrupted` and `stream.ended`: a publisher left. Interrupted: the name waits for it through the takeover window; ended: it does not.
public struct StreamEndedFact: FactBody {
  /// Written by the hub.
  public static let kinds = [FactKind.streamInterrupted, FactKind.streamEnded]
  /// Whether the name waits for the publisher through the takeover window.
  public var isInterruption: Bool
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// Empty in a line that lacks it.
  public var session: String
  /// `streamEnded` for a publisher that said goodbye.
  public var cause: FactText<FaultCode>?
  /// What in particular; never a secret.
  public var detail: String?
  /// Whose side the fault is on.
  public var origin: FactText<Origin>?
  /// Arrival of its last media; of an interruption only.
  public var lastMedia: BootTime?

  /// An end.
  public init(stream: StreamName, session: String, because fault: Fault) {
    isInterruption = false
    self.stream = FactText(stream)
    self.session = session
    cause = FactText(fault.code)
    detail = fault.detail
    origin = FactText(fault.origin)
  }

  /// An interruption.
  public init(stream: StreamName, session: String, because fault: Fault, lastMedia: BootTime) {
    self.init(stream: stream, session: session, because: fault)
    isInterruption = true
    self.lastMedia = lastMedia
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    isInterruption = fact.kind == FactKind.streamInterrupted
    self.stream = stream
    session = read["session"] ?? ""
    cause = read["cause"]
    detail = read["detail"]
    origin = read["origin"]
    lastMedia = read["lastMediaNs"]
  }

  /// By what the body says.
  public var kind: String { isInterruption ? FactKind.streamInterrupted : FactKind.streamEnded }

  /// Null for nil: `cause`, `detail`, `origin`. Left out when nil: `lastMediaNs`.
  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "session": session.json, "cause": cause.json, "detail": detail.json, "origin": origin.json]
    fields["lastMediaNs"] = lastMedia?.json
    return fields
  }
}

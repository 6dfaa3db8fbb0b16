/// `recorder.stalled`: a stream's muxer failed, or took units and gave nothing; it is made anew.
public struct RecorderStalledFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.recorderStalled]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// True when it took units and gave nothing; false when it failed.
  public var isStalled: Bool
  /// As the fault catalogue words it (``Fault/json``).
  public var reason: JSON
  /// Units that the muxer was given.
  public var ingestedUnits: Int64
  /// Units that it gave back.
  public var recordedUnits: Int64

  public init(stream: StreamName, isStalled: Bool, because fault: Fault, ingestedUnits: Int64, recordedUnits: Int64) {
    self.stream = FactText(stream)
    self.isStalled = isStalled
    reason = fault.json
    self.ingestedUnits = ingestedUnits
    self.recordedUnits = recordedUnits
  }

  /// Nil for another kind, or without `stream` and `reason`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let reason: JSON = read["reason"]
    else { return nil }
    self.stream = stream
    isStalled = read["stalled"] ?? false
    self.reason = reason
    ingestedUnits = read["ingestedUnits"] ?? 0
    recordedUnits = read["recordedUnits"] ?? 0
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    [
      "stream": stream.json, "stalled": isStalled.json, "reason": reason, "ingestedUnits": ingestedUnits.json,
      "recordedUnits": recordedUnits.json,
    ]
  }
}

/// `recorder.stalled`: a stream's muxer failed, or took units and gave nothing; it is made anew.
public struct RecorderStalledFact: FactBody {
  public static let kinds = [FactKind.recorderStalled]
  public var stream: FactText<StreamName>
  /// True when it took units and gave nothing; false when it failed.
  public var isStalled: Bool
  /// As the fault catalogue words it (``Fault/json``).
  public var reason: JSON
  public var ingestedUnits: Int64
  public var recordedUnits: Int64

  public init(stream: StreamName, isStalled: Bool, because fault: Fault, ingestedUnits: Int64, recordedUnits: Int64) {
    self.stream = FactText(stream)
    self.isStalled = isStalled
    reason = fault.json
    self.ingestedUnits = ingestedUnits
    self.recordedUnits = recordedUnits
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let reason: JSON = read["reason"]
    else { return nil }
    self.stream = stream
    isStalled = read["stalled"] ?? false
    self.reason = reason
    ingestedUnits = read["ingestedUnits"] ?? 0
    recordedUnits = read["recordedUnits"] ?? 0
  }

  public var fields: [String: JSON] {
    [
      "stream": stream.json, "stalled": isStalled.json, "reason": reason, "ingestedUnits": ingestedUnits.json,
      "recordedUnits": recordedUnits.json,
    ]
  }
}

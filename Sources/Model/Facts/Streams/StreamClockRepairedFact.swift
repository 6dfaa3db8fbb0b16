/// `stream.clockRepaired`: a sender's media clock jumped, and its units' times went on all the same. The first of a track at once, then at most one a minute and
/// track, with the number of those since the last.
public struct StreamClockRepairedFact: FactBody {
  /// Written by the publisher's session.
  public static let kinds = [FactKind.streamClockRepaired]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// The publication whose sender it was.
  public var session: String?
  /// ``Track/index``.
  public var track: Int64
  /// What the sender's clock did from one unit to the next in decoding order; below zero it stepped back. Of the newest where they are several.
  public var step: Nanoseconds
  /// What was done about it.
  public var method: FactText<ClockRepair.Method>
  /// Repairs since the fact before of this track; at least 1.
  public var count: Int64

  public init(stream: StreamName, session: String, repair: ClockRepair, count: Int64) {
    self.stream = FactText(stream)
    self.session = session
    track = Int64(repair.track)
    step = repair.step
    method = FactText(repair.method)
    self.count = count
  }

  /// Nil for another kind, or without `stream`, `track` and `stepNs`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let track: Int64 = read["track"],
      let step: Nanoseconds = read["stepNs"]
    else { return nil }
    self.stream = stream
    session = read["session"]
    self.track = track
    self.step = step
    method = read["method"] ?? ""
    count = read["count"] ?? 1
  }

  /// Left out when nil: `session`.
  public var fields: [String: JSON] {
    var fields = ["stream": stream.json, "track": track.json, "stepNs": step.json, "method": method.json, "count": count.json]
    fields["session"] = session?.json
    return fields
  }
}

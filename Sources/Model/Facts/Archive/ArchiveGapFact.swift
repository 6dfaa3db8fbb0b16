/// `archive.gap`: a stretch that a stream's recording lacks, or whose arrival was interrupted.
public struct ArchiveGapFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.archiveGap]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// The publication; empty where none was on the air.
  public var session: String
  /// The boot that ``from`` and ``to`` belong to.
  public var boot: String
  /// Arrival of the last unit before.
  public var from: BootTime
  /// Arrival of the first packet after.
  public var to: BootTime
  /// A label.
  public var fromWall: FactText<WallTime>
  /// A label.
  public var toWall: FactText<WallTime>
  /// Whose fault it is.
  public var cause: FactText<GapCause>
  /// What was seen of it: `interrupted silent late lost diskRefused muxerFailed relayRestarted` (docs/archive.md).
  public var event: String

  public init(
    stream: StreamName, session: String, boot: String, from: BootTime, to: BootTime, fromWall: WallTime, toWall: WallTime,
    cause: GapCause, event: String
  ) {
    self.stream = FactText(stream)
    self.session = session
    self.boot = boot
    self.from = from
    self.to = to
    self.fromWall = FactText(fromWall)
    self.toWall = FactText(toWall)
    self.cause = FactText(cause)
    self.event = event
  }

  /// Nil for another kind, or without `stream`, `gapBoot`, `fromNs`, `toNs` and `cause`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"], let boot: String = read["gapBoot"],
      let from: BootTime = read["fromNs"], let to: BootTime = read["toNs"], let cause: FactText<GapCause> = read["cause"]
    else { return nil }
    self.stream = stream
    session = read["session"] ?? ""
    self.boot = boot
    self.from = from
    self.to = to
    fromWall = read["fromWall"] ?? ""
    toWall = read["toWall"] ?? ""
    self.cause = cause
    event = read["event"] ?? ""
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    [
      "stream": stream.json, "session": session.json, "gapBoot": boot.json, "fromNs": from.json, "toNs": to.json, "fromWall": fromWall.json,
      "toWall": toWall.json, "cause": cause.json, "event": event.json,
    ]
  }
}

/// `archive.recovered`: units of a run that was killed are in the archive after all.
public struct ArchiveRecoveredFact: FactBody {
  /// Written by the archive.
  public static let kinds = [FactKind.archiveRecovered]

  /// What was left of the run.
  public enum Source: String, Sendable, TextValue {
    /// The spool in memory, which outlives the process.
    case spool
    /// The beginning of a segment file that was being written.
    case part
  }

  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>
  /// How many.
  public var units: Int64
  /// What they were recovered from.
  public var source: FactText<Source>
  /// Whether some units are missing.
  public var hasHole: Bool

  public init(stream: StreamName, units: Int64, from source: Source, hasHole: Bool) {
    self.stream = FactText(stream)
    self.units = units
    self.source = FactText(source)
    self.hasHole = hasHole
  }

  /// Nil for another kind, or without `stream`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    units = read["units"] ?? 0
    source = read["from"] ?? ""
    hasHole = read["hole"] ?? false
  }

  /// Every member is always there.
  public var fields: [String: JSON] { ["stream": stream.json, "units": units.json, "from": source.json, "hole": hasHole.json] }
}

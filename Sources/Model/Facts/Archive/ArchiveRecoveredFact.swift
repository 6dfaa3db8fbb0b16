/// `archive.recovered`: units of a run that was killed are in the archive after all.
public struct ArchiveRecoveredFact: FactBody {
  public static let kinds = [FactKind.archiveRecovered]

  public enum Source: String, Sendable, TextValue {
    /// The spool in memory, which outlives the process.
    case spool
    /// The beginning of a segment file that was being written.
    case part
  }

  public var stream: FactText<StreamName>
  public var units: Int64
  public var source: FactText<Source>
  /// Whether some units are missing.
  public var hasHole: Bool

  public init(stream: StreamName, units: Int64, from source: Source, hasHole: Bool) {
    self.stream = FactText(stream)
    self.units = units
    self.source = FactText(source)
    self.hasHole = hasHole
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let stream: FactText<StreamName> = read["stream"] else { return nil }
    self.stream = stream
    units = read["units"] ?? 0
    source = read["from"] ?? ""
    hasHole = read["hole"] ?? false
  }

  public var fields: [String: JSON] { ["stream": stream.json, "units": units.json, "from": source.json, "hole": hasHole.json] }
}

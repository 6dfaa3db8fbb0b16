/// `quality.window`: the figures and the verdict of one minute of one session (docs/quality.md).
///
/// Most of its seventy figures are published, compared and printed, and read one by one by nobody: this body keeps the object and reads what it is asked.
public struct QualityWindowFact: FactBody {
  /// Written by the judge of windows.
  public static let kinds = [FactKind.qualityWindow]
  /// The whole object under the names of docs/quality.md.
  private let object: [String: JSON]

  /// - Parameter object: figures, judgement and profile.
  public init(_ object: [String: JSON]) { self.object = object }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard fact.kind == FactKind.qualityWindow else { return nil }
    object = fact.fields
  }

  /// By the figures: the envelope of the line that they were read from is no part of them.
  public static func == (a: QualityWindowFact, b: QualityWindowFact) -> Bool { a.fields == b.fields }
  public func hash(into hasher: inout Hasher) { hasher.combine(fields) }

  private var read: FactReader { FactReader(object) }

  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>? { read["stream"] }
  /// Id of the publication, `node-epoch`.
  public var session: String? { read["session"] }
  /// Which stretch of the way it is of.
  public var hop: FactText<Hop>? { read["hop"] }
  /// Counted from 0 within the session.
  public var index: Int64? { read["index"] }
  /// The window, on the clock of this boot.
  public var from: BootTime? { read["fromNs"] }
  /// Its end.
  public var to: BootTime? { read["toNs"] }
  /// Frames of the picture track.
  public var framesReceived: Int64? { read["framesReceived"] }
  /// The longest time in which no new picture could be shown.
  public var longestFreeze: Nanoseconds? { read["longestFreezeNs"] }
  /// `pass`, `fail` or `undetermined`.
  public var verdict: String? { read["verdict"] }
  /// Limits that were not met.
  public var reasons: [String] { read["reasons"] ?? [] }
  /// What could not be judged.
  public var open: [String] { read["open"] ?? [] }
  /// The profile that judged.
  public var profile: RuleReference? { read["profile"] }
  /// Its hash, also where the reference is not whole.
  public var profileSha256: String? { read.object("profile").flatMap { FactReader($0)["sha256"] } }

  /// Every member is always there.
  public var fields: [String: JSON] { object.filter { !Fact.envelope.contains($0.key) } }
}

/// `quality.window`: the figures and the verdict of one minute of one session (docs/quality.md).
///
/// Most of its seventy figures are published, compared and printed, and read one by one by nobody: this body keeps the object and reads what it is asked.
public struct QualityWindowFact: FactBody {
  public static let kinds = [FactKind.qualityWindow]
  /// The whole object under the names of docs/quality.md.
  private let object: [String: JSON]

  /// - Parameter object: figures, judgement and profile.
  public init(_ object: [String: JSON]) { self.object = object }

  public init?(_ fact: Fact) {
    guard fact.kind == FactKind.qualityWindow else { return nil }
    object = fact.fields
  }

  private var read: FactReader { FactReader(object) }

  public var stream: FactText<StreamName>? { read["stream"] }
  public var session: String? { read["session"] }
  public var hop: FactText<Hop>? { read["hop"] }
  /// Counted from 0 within the session.
  public var index: Int64? { read["index"] }
  public var from: BootTime? { read["fromNs"] }
  public var to: BootTime? { read["toNs"] }
  public var framesReceived: Int64? { read["framesReceived"] }
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

  public var fields: [String: JSON] { object.filter { !Fact.envelope.contains($0.key) } }
}

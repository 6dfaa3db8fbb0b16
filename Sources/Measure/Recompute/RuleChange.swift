public import Model

/// What another policy or profile would have made of the past: the facts as they would stand had it judged where the old one did. Nothing is written.
public struct RuleChange: Sendable {
  /// A policy or a profile.
  public enum Rule: Sendable {
    case policy(Policy)
    case profile(QualityProfile)

    /// Throws ``Fault`` that says what is wrong with it as the kind of rule that it looks like.
    public init(_ body: JSON) throws(Fault) {
      if body["metrics"] != nil { self = .profile(try QualityProfile(body)) } else { self = .policy(try Policy(body)) }
    }

    /// As it was read.
    public var body: JSON {
      switch self {
      case .policy(let policy): policy.body
      case .profile(let profile): profile.body
      }
    }

    /// - Parameter sha256: of a text's UTF-8 bytes.
    public func reference(_ sha256: (String) -> String) -> RuleReference {
      switch self {
      case .policy(let policy): RuleReference(policy, sha256: sha256(policy.body.text))
      case .profile(let profile): RuleReference(profile, sha256: sha256(profile.body.text))
      }
    }
  }

  /// The rule that judged.
  public let old: RuleReference
  /// The rule that is tried.
  public let new: RuleReference
  private let rule: Rule

  /// Throws `.configInvalid` when one is a policy and the other a profile, or the policies are of different kinds.
  public init(from old: Rule, to new: Rule, sha256: (String) -> String) throws(Fault) {
    switch (old, new) {
    case (.policy(let a), .policy(let b)) where a.kind == b.kind: break
    case (.profile, .profile): break
    default: throw Fault(.configInvalid, "\(old.reference(sha256).id) and \(new.reference(sha256).id) do not judge the same")
    }
    self.old = old.reference(sha256)
    self.new = new.reference(sha256)
    rule = new
  }

  /// The facts of a journal with the new rule in the place of the old one.
  /// - Parameter windows: of the same folder, made again from its samples.
  public func applied(to facts: [Fact], windows: [RecomputedWindow]) -> [Fact] {
    var bySession: [String: [Int64: QualityWindow]] = [:]
    for one in windows where bySession[one.window.session]?[one.window.from.nanoseconds] == nil {
      bySession[one.window.session, default: [:]][one.window.from.nanoseconds] = one.window
    }
    return facts.map { fact in
      switch fact.kind {
      case FactKind.incidentOpened: replaced(fact, "policy")
      case FactKind.profileEmbedded: embedded(fact)
      case FactKind.qualityWindow: judged(fact, bySession)
      default: fact
      }
    }
  }

  /// Whether a fact was judged, or is to be judged, by the old rule.
  public func concerns(_ fact: Fact) -> Bool {
    switch fact.kind {
    case FactKind.incidentOpened: IncidentOpenedFact(fact)?.policy?.sha256 == old.sha256
    case FactKind.profileEmbedded: ProfileEmbeddedFact(fact)?.rule.sha256 == old.sha256
    case FactKind.qualityWindow: QualityWindowFact(fact)?.profileSha256 == old.sha256
    default: false
    }
  }

  private func replaced(_ fact: Fact, _ member: String) -> Fact {
    guard concerns(fact) else { return fact }
    var fact = fact
    fact.fields[member] = .object((new.json.objectValue ?? [:]).merging(["body": rule.body]) { $1 })
    return fact
  }

  private func embedded(_ fact: Fact) -> Fact {
    guard concerns(fact) else { return fact }
    var fact = fact
    fact.fields.merge(new.json.objectValue ?? [:]) { $1 }
    fact.fields["body"] = rule.body
    return fact
  }

  private func judged(_ fact: Fact, _ windows: [String: [Int64: QualityWindow]]) -> Fact {
    guard concerns(fact), case .profile(let profile) = rule, let published = QualityWindowFact(fact),
      let session = published.session, let from = published.from, let window = windows[session]?[from.nanoseconds]
    else { return fact }
    var fact = fact
    fact.fields.merge(profile.judge(window).fields) { $1 }
    fact.fields["profile"] = new.json
    return fact
  }
}

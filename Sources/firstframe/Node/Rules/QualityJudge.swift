internal import Measure
internal import Model
internal import Synchronization

/// Judges each closed window by the profile of its hop and puts it into the journal, with the profile embedded once a boot.
final class QualityJudge: Sendable {
  private struct Rule {
    let profile: QualityProfile
    let reference: RuleReference

    init(_ profile: QualityProfile) {
      self.profile = profile
      reference = RuleReference(profile, sha256: RuleFiles.sha256(profile.body.text))
    }
  }

  private let field: Rule
  private let fixed: Rule
  private let facts: any FactSink
  private let embedded = Mutex<Set<String>>([])
  private let deviceClass: @Sendable (StreamName) -> DeviceClass?

  /// - Parameters:
  ///   - field: judges devices in the field.
  ///   - fixed: judges links between centres, and high points.
  ///   - deviceClass: of a stream, where one is registered.
  init(
    field: QualityProfile, fixed: QualityProfile, facts: any FactSink, deviceClass: @escaping @Sendable (StreamName) -> DeviceClass?
  ) {
    self.field = Rule(field)
    self.fixed = Rule(fixed)
    self.facts = facts
    self.deviceClass = deviceClass
  }

  func closed(_ window: QualityWindow) {
    let isFixed = window.hop == .centre || deviceClass(window.stream) == .highPoint
    let rule = isFixed ? fixed : field
    if embedded.withLock({ $0.insert(rule.reference.sha256).inserted }) {
      facts.record(ProfileEmbeddedFact(.profile, EmbeddedRule(rule.reference, body: rule.profile.body)))
    }
    facts.record(QualityWindowFact(window.fact(rule.profile.judge(window), by: rule.reference)), at: window.to)
  }
}

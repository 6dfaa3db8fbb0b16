internal import Measure
internal import Model
internal import Synchronization

/// Judges each closed window by the profile of its hop and puts it into the journal, with the profile embedded once a boot.
final class QualityJudge: Sendable {
  private struct Rule {
    var profile: QualityProfile
    var reference: RuleReference
  }

  private let field: Rule
  private let fixed: Rule
  private let facts: any FactSink
  private let embedded = Mutex<Set<String>>([])
  private let deviceClass: @Sendable (StreamName) -> DeviceClass?

  /// - Parameter deviceClass: of a stream, where one is registered: a high point is a fixed link.
  init(
    rules: RuleFiles, field: String, fixed: String, facts: any FactSink, deviceClass: @escaping @Sendable (StreamName) -> DeviceClass?
  ) throws(Fault) {
    self.field = try QualityJudge.rule(rules, field)
    self.fixed = try QualityJudge.rule(rules, fixed)
    self.facts = facts
    self.deviceClass = deviceClass
  }

  private static func rule(_ rules: RuleFiles, _ name: String) throws(Fault) -> Rule {
    let profile = try rules.profile(name)
    return Rule(profile: profile, reference: RuleReference(profile, sha256: RuleFiles.sha256(profile.body.text)))
  }

  func closed(_ window: QualityWindow) {
    let isFixed = window.hop == .centre || deviceClass(window.stream) == .highPoint
    let rule = isFixed ? fixed : field
    if embedded.withLock({ $0.insert(rule.reference.sha256).inserted }) {
      facts.record(
        FactKind.profileEmbedded,
        [
          "what": "profile", "id": .string(rule.profile.id), "version": .int(rule.profile.version),
          "sha256": .string(rule.reference.sha256), "body": rule.profile.body,
        ])
    }
    facts.record(FactKind.qualityWindow, window.fact(rule.profile.judge(window), by: rule.reference), at: window.to)
  }
}

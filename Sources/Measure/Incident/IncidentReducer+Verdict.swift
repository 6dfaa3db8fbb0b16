internal import Model

/// What the figures amount to under the policy in the incident's first fact (measurement.md §4.4).
extension IncidentReducer {
  mutating func judge() {
    guard let policy, let limit = figures.limit else { return conclude(.undetermined, [.policyUnreadable]) }
    guard let province = figures.province else { return judgeWithoutPicture(limit) }
    var reasons: Set<IncidentReason> = []
    let brackets = [province.countyBracket, province.provinceBracket].compactMap { $0 }
    if brackets.count == 2, !brackets[0].overlaps(brackets[1]) { reasons.insert(.bracketsDisagree) }
    if province.countyBracket == nil { reasons.insert(.countyRebooted) }
    if brackets.contains(where: { $0.lower > limit }) { return conclude(.fail, reasons.union([.late])) }
    let isClockOnly = province.provinceBracket == nil
    if isClockOnly { reasons.insert(.countyClockOnly) }
    let isAccepted = isClockOnly ? policy.countyClockOnlyCounts : policy.acceptedGrades.contains(province.grade)
    if !isClockOnly && !isAccepted { reasons.insert(.gradeNotAccepted) }
    if brackets.contains(where: { $0.upper > limit }) { reasons.insert(.straddles) }
    let isMet = !brackets.isEmpty && isAccepted && !reasons.contains(.straddles) && !reasons.contains(.bracketsDisagree)
    conclude(isMet ? .pass : .undetermined, reasons)
  }

  private mutating func judgeWithoutPicture(_ limit: Nanoseconds) {
    if newest - start.time > limit { return conclude(.fail, [.late]) }
    if figures.isClosed { return conclude(.fail, [.noPicture]) }
    conclude(.undetermined, newestBoot == start.boot ? [.running] : [.running, .countyRebooted])
  }

  private mutating func conclude(_ verdict: Verdict, _ reasons: Set<IncidentReason>) {
    figures.verdict = verdict
    figures.reasons = IncidentReason.allCases.filter(reasons.contains)
  }
}

import Measure
import Testing

@testable import Report

@Suite("Words of the reports")
struct ReportWordsTests {
  @Test(
    "seconds are exact to the millisecond, half to even, with a dash for nil",
    arguments: [
      (nil, "—"), (0, "0.000 s"), (-0.0004, "0.000 s"), (1.0005, "1.000 s"), (-1.25, "-1.250 s"), (59.9996, "60.000 s"), (0.045, "0.045 s"),
      (1e300, "9000000000000000.000 s"), (-1e300, "-9000000000000000.000 s"),
    ] as [(Double?, String)])
  func seconds(value: Double?, text: String) { #expect(ReportWords.seconds(value) == text) }

  @Test("every step, part and verdict has words in Chinese and a name")
  func names() {
    for step in StepID.allCases { #expect(ReportWords.step(step).count > step.rawValue.count + 1, "\(step)") }
    #expect(Set(IncidentBreakdown.Part.allCases.map { ReportWords.part($0).name }).count == IncidentBreakdown.Part.allCases.count)
    #expect(Set([Verdict.pass, .fail, .undetermined].map(ReportWords.verdict)).count == 3)
  }
}

/// Why an incident's verdict is what it is.
public enum IncidentReason: String, Sendable, Codable, CaseIterable {
  /// A lower bound is above the limit, or the limit passed without a proven picture.
  case late
  /// Closed without a proven picture.
  case noPicture
  /// Still running within the limit.
  case running
  /// The limit lies inside a bracket.
  case straddles
  /// No link at t1: only the county's clock timed it.
  case countyClockOnly
  /// The county rebooted after t1: only the province's bracket stands.
  case countyRebooted
  /// The proof's grade is none that the policy accepts.
  case gradeNotAccepted
  /// The two brackets have no common point: a clock stood still or was tampered with.
  case bracketsDisagree
  /// The policy in the incident's first fact cannot be read.
  case policyUnreadable
}

internal import Model

/// What somebody wants out of a rate's denominator, why, and who approved it.
public struct ExclusionRequest: Sendable {
  /// `connection`, `thirtyMinute` or `quality`.
  public var rate: String
  /// Of the rates `thirtyMinute` and, with a device, `connection`.
  public var incident: String?
  /// With ``incident``.
  public var device: String?
  /// Of the rate `connection`.
  public var attempt: String?
  /// Of the rate `quality`.
  public var session: String?
  /// At most 400 bytes.
  public var reason: String
  /// A person's name; never written into a fact in clear.
  public var approver: String

  public init(
    rate: String, incident: String? = nil, device: String? = nil, attempt: String? = nil, session: String? = nil, reason: String,
    approver: String
  ) {
    self.rate = rate
    self.incident = incident
    self.device = device
    self.attempt = attempt
    self.session = session
    self.reason = reason
    self.approver = approver
  }

  /// Throws ``FaultCode/requestInvalid`` unless it names one thing of that rate, a reason and an approver.
  func check() throws(Fault) {
    guard !reason.isEmpty, reason.utf8.count <= 400 else { throw Fault(.requestInvalid, "reason") }
    guard !approver.isEmpty, approver.utf8.count <= 200 else { throw Fault(.requestInvalid, "approver") }
    let isNamed =
      switch rate {
      case "thirtyMinute": incident != nil && device == nil
      case "connection": attempt != nil || (incident != nil && device != nil)
      case "quality": session != nil
      default: false
      }
    guard isNamed else { throw Fault(.requestInvalid, "\(rate): nothing of that rate is named") }
  }

  /// - Parameter approver: the commitment to ``approver``.
  func fact(by approver: PersonCommitment) -> ExclusionApprovedFact {
    ExclusionApprovedFact(
      rate: rate, reason: reason, incident: incident, device: device, attempt: attempt, session: session, by: approver)
  }
}

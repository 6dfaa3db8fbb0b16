/// `picture.refused`: a key unit that does not count as a first picture; at a county once a device and reason.
public struct PictureRefusedFact: FactBody {
  /// Written by the incident and connection desks, and by the upper desk.
  public static let kinds = [FactKind.pictureRefused]
  /// What it is of, and for whom.
  public var subject: PictureSubject
  /// `beforeReceived backfilled cached black damaged undecodable noParameterSets`.
  public var reason: String?

  public init(_ subject: PictureSubject, reason: String) {
    self.subject = subject
    self.reason = reason
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    subject = PictureSubject(read)
    reason = read["reason"]
  }

  /// Every member is always there.
  public var fields: [String: JSON] {
    var fields = subject.members
    fields["reason"] = reason.json
    // An upper node's lines have always had this member; nothing was decoded that could be hashed.
    if subject.county != nil { fields["vclSha256"] = .null }
    return fields
  }
}

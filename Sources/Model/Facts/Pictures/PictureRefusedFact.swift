/// `picture.refused`: a key unit that does not count as a first picture; at a county once a device and reason.
public struct PictureRefusedFact: FactBody {
  public static let kinds = [FactKind.pictureRefused]
  public var subject: PictureSubject
  /// `beforeReceived backfilled cached black damaged undecodable noParameterSets`.
  public var reason: String?

  public init(_ subject: PictureSubject, reason: String) {
    self.subject = subject
    self.reason = reason
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    subject = PictureSubject(read)
    reason = read["reason"]
  }

  public var fields: [String: JSON] {
    var fields = subject.members
    fields["reason"] = reason.json
    // An upper node's lines have always had this member; nothing was decoded that could be hashed.
    if subject.county != nil { fields["vclSha256"] = .null }
    return fields
  }
}

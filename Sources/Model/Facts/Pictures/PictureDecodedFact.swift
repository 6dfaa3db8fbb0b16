/// `picture.decoded`: t6 = E5 at a county, the first picture of a device that was decoded for an incident or an attempt. `province.decoded`: E7 = t8, the
/// same at the upper node.
public struct PictureDecodedFact: FactBody {
  /// Written by the incident and connection desks, and by the upper desk.
  public static let kinds = [FactKind.pictureDecoded, FactKind.provinceDecoded]
  /// What it is of, and for whom.
  public var subject: PictureSubject
  /// What was seen.
  public var content: PictureContent

  public init(_ subject: PictureSubject, _ content: PictureContent) {
    self.subject = subject
    self.content = content
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    self.init(PictureSubject(read), PictureContent(read))
  }

  /// An upper node names the county.
  public var kind: String { subject.county == nil ? FactKind.pictureDecoded : FactKind.provinceDecoded }
  /// Every member is always there.
  public var fields: [String: JSON] { subject.members.merging(content.members) { $1 } }
}

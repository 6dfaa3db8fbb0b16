/// `picture.second`: a different unit was decoded within five seconds of the first picture, so the picture lives.
public struct PictureSecondFact: FactBody {
  public static let kinds = [FactKind.pictureSecond]
  public var subject: PictureSubject
  /// SHA-256 of the unit's slices.
  public var vclSha256: String?
  public var decoded: BootTime?

  public init(_ subject: PictureSubject, vclSha256: String, decoded: BootTime) {
    self.subject = subject
    self.vclSha256 = vclSha256
    self.decoded = decoded
  }

  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    subject = PictureSubject(read)
    vclSha256 = read["vclSha256"]
    decoded = read["decodedNs"]
  }

  public var fields: [String: JSON] { subject.members.merging(["vclSha256": vclSha256.json, "decodedNs": decoded.json]) { $1 } }
}

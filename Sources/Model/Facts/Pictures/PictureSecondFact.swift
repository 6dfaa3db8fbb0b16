/// `picture.second`: a different unit was decoded within five seconds of the first picture, so the picture lives.
public struct PictureSecondFact: FactBody {
  /// Written by the incident desk and the upper desk.
  public static let kinds = [FactKind.pictureSecond]
  /// What it is of, and for whom.
  public var subject: PictureSubject
  /// SHA-256 of the unit's slices.
  public var vclSha256: String?
  /// When the decode result was back in the relay.
  public var decoded: BootTime?

  public init(_ subject: PictureSubject, vclSha256: String, decoded: BootTime) {
    self.subject = subject
    self.vclSha256 = vclSha256
    self.decoded = decoded
  }

  /// Nil for another kind.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds) else { return nil }
    subject = PictureSubject(read)
    vclSha256 = read["vclSha256"]
    decoded = read["decodedNs"]
  }

  /// Null for nil: `vclSha256`, `decodedNs`.
  public var fields: [String: JSON] { subject.members.merging(["vclSha256": vclSha256.json, "decodedNs": decoded.json]) { $1 } }
}

/// How t8 is proven (field-guide §2.1).
public enum ProofGrade: String, Sendable, Codable, CaseIterable {
  /// The province's own probe decoded the picture.
  case decoded
  /// Its receiver reports show bytes flowing for a second after a key frame.
  case received
  /// A named person saw it.
  case attested
  /// Proven, but timed by the county's clock alone: there was no link at t1.
  case countyClockOnly
}

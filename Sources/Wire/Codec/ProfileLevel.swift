public import Model

/// Profile and level of a video track, by the names of ITU-T H.264 Annex A and H.265 Annex A.
public struct ProfileLevel: Hashable, Sendable {
  /// Such as `Constrained Baseline`, `High`, `Main 10`; a profile without a name here is `profile_idc 118`.
  public var profile: String
  /// Such as `3.1`, `4`, `1b`.
  public var level: String

  /// Nil for audio, and while the sequence parameter set is unknown or cannot be read.
  public init?(_ parameters: CodecParameters?) {
    switch parameters {
    case .h264(let sets, _):
      guard let sps = sets.lazy.compactMap({ H264SPS(nal: $0) }).first else { return nil }
      self.init(sps)
    case .h265(_, let sets, _):
      guard let sps = sets.lazy.compactMap({ H265SPS(nal: $0) }).first else { return nil }
      self.init(sps)
    default: return nil
    }
  }

  private init(_ sps: H264SPS) {
    let isConstrained = sps.constraintFlags & 0x40 != 0
    let names: [UInt8: String] = [
      66: isConstrained ? "Constrained Baseline" : "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2",
      244: "High 4:4:4 Predictive",
    ]
    let isIntra = sps.constraintFlags & 0x10 != 0 && sps.profileIDC > 100
    profile = (names[sps.profileIDC] ?? "profile_idc \(sps.profileIDC)") + (isIntra ? " Intra" : "")
    let is1b = sps.levelIDC == 9 || (sps.levelIDC == 11 && sps.constraintFlags & 0x10 != 0 && sps.profileIDC < 100)
    level = is1b ? "1b" : ProfileLevel.text(tenths: Int(sps.levelIDC))
  }

  private init(_ sps: H265SPS) {
    let names: [UInt8: String] = [1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Format Range Extensions"]
    profile = names[sps.profileIDC] ?? "general_profile_idc \(sps.profileIDC)"
    level = ProfileLevel.text(tenths: Int(sps.levelIDC) / 3)
  }

  private static func text(tenths: Int) -> String { tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)" }
}

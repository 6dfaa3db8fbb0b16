/// The codecs that are carried.
public enum Codec: String, Sendable, Codable, CaseIterable {
  case h264, h265, aac, opus, pcma, pcmu

  /// Whether units of it have key pictures; the others are sound.
  public var isVideo: Bool { self == .h264 || self == .h265 }
}

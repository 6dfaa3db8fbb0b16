/// The codecs that are carried.
public enum Codec: String, Sendable, Codable, CaseIterable {
  case h264, h265, aac, opus, pcma, pcmu

  public var isVideo: Bool { self == .h264 || self == .h265 }
}

public import Model
public import NIOCore

/// The head of an RTMP audio message: FLV's AUDIODATA (Adobe FLV 10.1 §E.4.2) or enhanced RTMP's.
public struct FLVAudioTag: Hashable, Sendable {
  /// What follows the head.
  public enum Packet: Hashable, Sendable {
    /// AudioSpecificConfig or `OpusHead` follows.
    case sequenceHeader
    case frame
    case other
  }

  /// Of the sound; other FLV formats are refused.
  public var codec: Codec
  /// G.711 knows frames only.
  public var packet: Packet
  /// What the head claims, 1 or 2; AAC and Opus have the true number in their sequence header.
  public var channels: Int
  public var body: ByteBuffer

  /// Nil for an empty message. Throws ``Fault`` `codecUnsupported` or `mediaMalformed`.
  public init?(_ message: ByteBuffer) throws(Fault) {
    var rest = message
    guard let first = rest.readInteger(as: UInt8.self) else { return nil }
    channels = Int(first & 1) + 1
    switch first >> 4 {
    case 7: (codec, packet) = (.pcma, .frame)
    case 8: (codec, packet) = (.pcmu, .frame)
    case 10:
      guard let kind = rest.readInteger(as: UInt8.self) else { return nil }
      codec = .aac
      packet = kind == 0 ? .sequenceHeader : kind == 1 ? .frame : .other
    case 9:
      let (kind, code) = try rest.readEnhancedHead(first & 15)
      switch code {
      case .mp4a: codec = .aac
      case .opus: codec = .opus
      default: throw Fault(.codecUnsupported, "audio \(code.text)")
      }
      packet = kind == 0 ? .sequenceHeader : kind == 1 ? .frame : .other
    default: throw Fault(.codecUnsupported, "FLV audio codec \(first >> 4)")
    }
    body = rest
  }
}

public import Model
public import NIOCore

/// The head of an RTMP video message: FLV's VIDEODATA (Adobe FLV 10.1 §E.4.3) or enhanced RTMP's (Veovera E-RTMP v1, "Enhanced Video").
public struct FLVVideoTag: Hashable, Sendable {
  /// What follows the head.
  public enum Packet: Hashable, Sendable {
    /// `avcC` or `hvcC` follows.
    case sequenceHeader
    /// Length-prefixed NAL units follow.
    case frames
    case endOfSequence
    /// Colour information, seek commands: nothing to be shown.
    case other
  }

  /// H.264 or H.265; other codecs are refused.
  public var codec: Codec
  /// Decides how ``body`` is read.
  public var packet: Packet
  /// What the sender claims; the NAL units decide.
  public var claimsKey: Bool
  /// Presentation minus decode time, milliseconds.
  public var compositionTime: Int32
  /// What follows the head, a slice of the message.
  public var body: ByteBuffer

  /// Nil for an empty message, which some encoders send as a keep-alive. Throws ``Fault`` `codecUnsupported` or `mediaMalformed`.
  public init?(_ message: ByteBuffer) throws(Fault) {
    var rest = message
    guard let first = rest.readInteger(as: UInt8.self) else { return nil }
    let frameType = first >> 4 & 7
    claimsKey = frameType == 1
    if first & 0x80 == 0 {
      switch first & 15 {
      case 7: codec = .h264
      case 12: codec = .h265
      default: throw Fault(.codecUnsupported, "FLV video codec \(first & 15)")
      }
      // AVCPacketType and the SI24 composition time in one read.
      guard let word = rest.readInteger(as: UInt32.self) else {
        // A bare head with the "video info" frame type is legal and empty.
        guard frameType == 5 else { throw Fault(.mediaMalformed, "video tag cut short") }
        (packet, compositionTime, body) = (.other, 0, rest)
        return
      }
      compositionTime = Int32(bitPattern: word << 8) >> 8
      packet = frameType == 5 ? .other : FLVVideoTag.packet(UInt8(truncatingIfNeeded: word >> 24))
    } else {
      let (kind, code) = try rest.readEnhancedHead(first & 15)
      switch code {
      case .avc1: codec = .h264
      case .hvc1: codec = .h265
      default: throw Fault(.codecUnsupported, "video \(code.text)")
      }
      compositionTime = 0
      if kind == 1 {
        guard let time = rest.readInteger24() else { throw Fault(.mediaMalformed, "video tag cut short") }
        compositionTime = time
      }
      packet = frameType == 5 ? .other : FLVVideoTag.packet(kind)
    }
    body = rest
  }

  /// AVCPacketType and VideoPacketType agree where they matter: 3 (frames without composition time) exists only in the latter.
  private static func packet(_ kind: UInt8) -> Packet {
    switch kind {
    case 0: .sequenceHeader
    case 1, 3: .frames
    case 2: .endOfSequence
    default: .other
    }
  }
}

extension ByteBuffer {
  /// FLV's SI24.
  mutating func readInteger24() -> Int32? {
    guard let high = getInteger(at: readerIndex, as: Int16.self), let low = getInteger(at: readerIndex &+ 2, as: UInt8.self) else {
      return nil
    }
    moveReaderIndex(forwardBy: 3)
    return Int32(high) << 8 | Int32(low)
  }

  /// Enhanced RTMP's packet type, after any ModEx prefixes, and FourCC.
  mutating func readEnhancedHead(_ packetType: UInt8) throws(Fault) -> (UInt8, FourCC) {
    var kind = packetType
    while kind == 7 {
      guard let short = readInteger(as: UInt8.self) else { throw Fault(.mediaMalformed, "ModEx cut short") }
      var size = Int(short) + 1
      if size == 256 {
        guard let long = readInteger(as: UInt16.self) else { throw Fault(.mediaMalformed, "ModEx cut short") }
        size = Int(long) + 1
      }
      guard readableBytes > size, let next = getInteger(at: readerIndex &+ size, as: UInt8.self) else {
        throw Fault(.mediaMalformed, "ModEx cut short")
      }
      moveReaderIndex(forwardBy: size + 1)
      kind = next & 15
    }
    guard let code = readInteger(as: UInt32.self) else { throw Fault(.mediaMalformed, "FourCC cut short") }
    return (kind, FourCC(rawValue: code))
  }
}

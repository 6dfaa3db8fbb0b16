internal import Model
internal import NIOCore

/// One pass over a picture's NAL unit headers: what it is and whether its lengths add up.
struct NALScan {
  let codec: Codec
  private(set) var isKey = false
  private(set) var hasParameterSets = false
  /// A length ran past the end.
  private(set) var damaged = false
  /// The bytes cannot stand as they are: damage, or empty NAL units that some decoders refuse.
  private(set) var mustRebuild = false

  init(codec: Codec) { self.codec = codec }

  mutating func walk(_ body: ByteBuffer, lengthSize: Int) {
    var at = body.readerIndex
    let end = body.writerIndex
    while at < end {
      guard let length = body.getNALLength(at: at, size: lengthSize), length <= end &- at &- lengthSize else {
        damaged = true
        mustRebuild = true
        return
      }
      at &+= lengthSize
      if length == 0 { mustRebuild = true } else if let header = body.getInteger(at: at, as: UInt8.self) { note(header) }
      at &+= length
    }
  }

  private mutating func note(_ header: UInt8) {
    if codec == .h264 {
      // ITU-T H.264 table 7-1: 5 is a slice of an IDR picture, 7 and 8 are SPS and PPS.
      switch header & 31 {
      case 5: isKey = true
      case 7, 8: hasParameterSets = true
      default: break
      }
    } else {
      // ITU-T H.265 table 7-1: 16…21 are the IRAP pictures in use, 32…34 are VPS, SPS, PPS.
      switch header >> 1 & 63 {
      case 16...21: isKey = true
      case 32...34: hasParameterSets = true
      default: break
      }
    }
  }

  static func isParameterSet(_ nal: ByteBuffer, _ codec: Codec) -> Bool {
    guard let header = nal.getInteger(at: nal.readerIndex, as: UInt8.self) else { return false }
    var scan = NALScan(codec: codec)
    scan.note(header)
    return scan.hasParameterSets
  }
}

extension ByteBuffer {
  /// A NAL unit's length field of 1, 2, 3 or 4 bytes; nil when it is cut.
  func getNALLength(at index: Int, size: Int) -> Int? {
    switch size {
    case 4: return getInteger(at: index, as: UInt32.self).map(Int.init)
    case 3:
      guard let high = getInteger(at: index, as: UInt16.self), let low = getInteger(at: index &+ 2, as: UInt8.self) else { return nil }
      return Int(high) << 8 | Int(low)
    case 2: return getInteger(at: index, as: UInt16.self).map(Int.init)
    default: return getInteger(at: index, as: UInt8.self).map(Int.init)
    }
  }

  mutating func readNALLength(_ size: Int) -> Int? {
    guard let length = getNALLength(at: readerIndex, size: size) else { return nil }
    moveReaderIndex(forwardBy: size)
    return length
  }
}

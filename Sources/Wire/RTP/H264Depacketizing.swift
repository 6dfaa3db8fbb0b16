internal import Model
internal import NIOCore

/// RFC 6184: single NAL units, STAP-A and FU-A. The interleaved mode (STAP-B, MTAP, FU-B) is not carried: nobody offers it for live video.
extension RTPUnitAssembler {
  mutating func receiveH264(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    let type = H264NALType(header: payload[0])
    // Forbidden zero bit: somebody on the way says that the NAL unit is broken (§1.3).
    guard payload[0] & 0x80 == 0 else {
      noteMalformed()
      return []
    }
    if type.isSingle { return PacketRole(builder.append(payload)) }
    switch type {
    case .singleTimeAggregation: return receiveH264Aggregate(payload)
    case .fragmentation: return receiveH264Fragment(payload)
    case _ where RTPUnitAssembler.beginsWithStartCode(payload): return PacketRole(builder.append(payload))
    default:
      // 25, 26, 27 and 29 carry slices; 0, 30 and 31 mean nothing and are to be ignored (§5.2).
      if (25...29).contains(type.rawValue) { noteMalformed() } else { counted.payloadsMalformed &+= 1 }
      return []
    }
  }

  /// §5.7.1: NAL units with 16 bits of length before each.
  private mutating func receiveH264Aggregate(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    var role: PacketRole = []
    var at = 1
    while payload.count &- at >= 2 {
      let length = Int(payload[at]) << 8 | Int(payload[at &+ 1])
      at &+= 2
      guard length <= payload.count &- at else { break }
      if length > 0 {
        let nal = UnsafeRawBufferPointer(rebasing: payload[at..<at &+ length])
        guard H264NALType(header: nal[0]).isSingle else { break }
        role.formUnion(PacketRole(builder.append(nal)))
      }
      at &+= length
    }
    if at != payload.count { noteMalformed() }
    return role
  }

  /// §5.8.
  private mutating func receiveH264Fragment(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    guard payload.count > 2 else {
      noteMalformed()
      return []
    }
    // The NAL unit's own header, put together again.
    let header = payload[0] & 0xE0 | payload[1] & 0x1F
    let bytes = UnsafeRawBufferPointer(rebasing: payload[2..<payload.count])
    return receiveFragment(header: header, second: nil, bytes, isStart: payload[1] & 0x80 != 0, isEnd: payload[1] & 0x40 != 0)
  }

  /// Whether a payload is a byte stream: a start code stands where a NAL unit's header should.
  static func beginsWithStartCode(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard payload.count > 4, payload[0] == 0, payload[1] == 0 else { return false }
    return payload[2] == 1 || (payload[2] == 0 && payload[3] == 1)
  }

  /// Whether an H.264 payload begins or contains an IDR slice.
  static func beginsKeyH264(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard let first = payload.first else { return false }
    switch H264NALType(header: first) {
    case .idrSlice: return true
    case .fragmentation: return payload.count > 1 && payload[1] & 0x9F == 0x80 | H264NALType.idrSlice.rawValue
    case .singleTimeAggregation:
      var at = 1
      while payload.count &- at >= 3 {
        if H264NALType(header: payload[at &+ 2]) == .idrSlice { return true }
        at &+= 2 &+ (Int(payload[at]) << 8 | Int(payload[at &+ 1]))
      }
      return false
    default: return false
    }
  }

  /// Whether an H.264 payload begins with a slice that is a picture's first, or with something else than a slice.
  static func beginsUnitH264(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard payload.count > 2 else { return false }
    let type = H264NALType(header: payload[0])
    if type == .fragmentation { return payload[1] & 0x80 != 0 && (!H264NALType(header: payload[1]).isVCL || payload[2] & 0x80 != 0) }
    return !type.isVCL || payload[1] & 0x80 != 0
  }
}

internal import Model
internal import NIOCore

/// RFC 7798: single NAL units, aggregation and fragmentation units. PACI packets are dropped.
extension RTPUnitAssembler {
  mutating func receiveH265(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    let type = H265NALType(header: payload[0])
    guard payload.count > (type.isSingle ? 1 : 2), payload[0] & 0x80 == 0 else {
      noteMalformed()
      return []
    }
    if type.isSingle { return receiveH265Single(payload) }
    switch type {
    case .aggregation: return receiveH265Aggregate(payload)
    case .fragmentation: return receiveH265Fragment(payload)
    default:
      // PACI carries slices; 51…63 mean nothing.
      if type.rawValue == 50 { noteMalformed() } else { counted.payloadsMalformed &+= 1 }
      return []
    }
  }

  /// §4.4.1: with decoding order numbers, two bytes lie between the NAL unit's header and the rest.
  private mutating func receiveH265Single(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    guard format.hasDecodingOrderNumbers else { return PacketRole(builder.append(payload)) }
    guard payload.count > 4 else {
      noteMalformed()
      return []
    }
    let rest = UnsafeRawBufferPointer(rebasing: payload[4..<payload.count])
    return receiveFragment(header: payload[0], second: payload[1], rest, isStart: true, isEnd: true)
  }

  /// §4.4.2: NAL units with 16 bits of length before each; with decoding order numbers, two bytes before the first and one before the others.
  private mutating func receiveH265Aggregate(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    var role: PacketRole = []
    var at = format.hasDecodingOrderNumbers ? 4 : 2
    while payload.count &- at >= 2 {
      let length = Int(payload[at]) << 8 | Int(payload[at &+ 1])
      guard length <= payload.count &- at &- 2 else { break }
      at &+= 2
      if length > 1 {
        let nal = UnsafeRawBufferPointer(rebasing: payload[at..<at &+ length])
        guard H265NALType(header: nal[0]).isSingle else { break }
        role.formUnion(PacketRole(builder.append(nal)))
      }
      at &+= length
      if format.hasDecodingOrderNumbers, at < payload.count { at &+= 1 }
    }
    if at != payload.count { noteMalformed() }
    return role
  }

  /// §4.4.3.
  private mutating func receiveH265Fragment(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    let isStart = payload[2] & 0x80 != 0
    let offset = isStart && format.hasDecodingOrderNumbers ? 5 : 3
    guard payload.count > offset else {
      noteMalformed()
      return []
    }
    // The NAL unit's own header, put together again.
    let header = payload[0] & 0x81 | (payload[2] & 0x3F) << 1
    let bytes = UnsafeRawBufferPointer(rebasing: payload[offset..<payload.count])
    return receiveFragment(header: header, second: payload[1], bytes, isStart: isStart, isEnd: payload[2] & 0x40 != 0)
  }

  /// Whether an H.265 payload begins or contains a slice of an IRAP picture.
  static func beginsKeyH265(_ payload: UnsafeRawBufferPointer, hasDecodingOrderNumbers: Bool) -> Bool {
    guard payload.count > 2 else { return false }
    let type = H265NALType(header: payload[0])
    switch type {
    case .fragmentation: return payload[2] & 0x80 != 0 && H265NALType(rawValue: payload[2] & 0x3F).isRandomAccess
    case .aggregation:
      var at = hasDecodingOrderNumbers ? 4 : 2
      while payload.count &- at >= 3 {
        if H265NALType(header: payload[at &+ 2]).isRandomAccess { return true }
        at &+= 2 &+ (Int(payload[at]) << 8 | Int(payload[at &+ 1])) &+ (hasDecodingOrderNumbers ? 1 : 0)
      }
      return false
    default: return type.isRandomAccess
    }
  }

  /// Whether an H.265 payload begins with a slice that is a picture's first, or with something else than a slice.
  static func beginsUnitH265(_ payload: UnsafeRawBufferPointer) -> Bool {
    guard payload.count > 4 else { return false }
    let type = H265NALType(header: payload[0])
    // With decoding order numbers two more bytes lie before the slice's: such a fragment may wait without need, 50 ms at most.
    if type == .fragmentation {
      return payload[2] & 0x80 != 0 && (!H265NALType(rawValue: payload[2] & 0x3F).isVCL || payload[3] & 0x80 != 0)
    }
    return !type.isVCL || payload[2] & 0x80 != 0
  }
}

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
    if type.isSingle { return takeH265Single(payload) }
    switch type {
    case .aggregation: return takeH265Aggregate(payload)
    case .fragmentation: return takeH265Fragment(payload)
    default:
      // PACI carries slices; 51…63 mean nothing.
      if type.rawValue == 50 { noteMalformed() } else { counters.payloadsMalformed &+= 1 }
      return []
    }
  }

  /// §4.4.1: with decoding order numbers, two bytes lie between the NAL unit's header and the rest.
  private mutating func takeH265Single(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    guard format.hasDecodingOrderNumbers else { return takeH265(payload) }
    guard payload.count > 4 else {
      noteMalformed()
      return []
    }
    endCutFragment()
    let rest = UnsafeRawBufferPointer(rebasing: payload[4..<payload.count])
    let role = noteH265(H265NALType(header: payload[0]), isFirstSlice: rest[0] & 0x80 != 0)
    open.beginFragment(header: payload[0], second: payload[1], rest)
    endWholeFragment()
    return role
  }

  private mutating func takeH265(_ nal: UnsafeRawBufferPointer) -> PacketRole {
    endCutFragment()
    let role = noteH265(H265NALType(header: nal[0]), isFirstSlice: nal.count > 2 && nal[2] & 0x80 != 0)
    open.append(nal)
    if let kind = ParameterSetKind(.h265, header: nal[0]) { noteParameterSet(kind, nal) }
    return role
  }

  /// §4.4.2: NAL units with 16 bits of length before each; with decoding order numbers, two bytes before the first and one before the others.
  private mutating func takeH265Aggregate(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    var role: PacketRole = []
    var at = format.hasDecodingOrderNumbers ? 4 : 2
    while payload.count &- at >= 2 {
      let length = Int(payload[at]) << 8 | Int(payload[at &+ 1])
      guard length <= payload.count &- at &- 2 else { break }
      at &+= 2
      if length > 1 {
        let nal = UnsafeRawBufferPointer(rebasing: payload[at..<at &+ length])
        guard H265NALType(header: nal[0]).isSingle else { break }
        role.formUnion(takeH265(nal))
      }
      at &+= length
      if format.hasDecodingOrderNumbers, at < payload.count { at &+= 1 }
    }
    if at != payload.count { noteMalformed() }
    return role
  }

  /// §4.4.3.
  private mutating func takeH265Fragment(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    let header = payload[2]
    let isStart = header & 0x80 != 0
    let type = H265NALType(rawValue: header & 0x3F)
    let offset = isStart && format.hasDecodingOrderNumbers ? 5 : 3
    guard payload.count > offset else {
      noteMalformed()
      return []
    }
    let bytes = UnsafeRawBufferPointer(rebasing: payload[offset..<payload.count])
    var role: PacketRole = []
    if isStart {
      endCutFragment()
      role = noteH265(type, isFirstSlice: bytes[0] & 0x80 != 0)
      open.beginFragment(header: payload[0] & 0x81 | type.rawValue << 1, second: payload[1], bytes)
    } else if open.fragmentStart != nil {
      open.continueFragment(bytes)
    } else {
      // Its start is missing.
      if !open.isDamaged, !gapBefore { counters.payloadsMalformed &+= 1 }
      open.isDamaged = true
      if type.isVCL { role = noteH265(type, isFirstSlice: false, isStart: false) }
    }
    if header & 0x40 != 0 { endWholeFragment() }
    return role
  }

  private mutating func noteH265(_ type: H265NALType, isFirstSlice: Bool, isStart: Bool = true) -> PacketRole {
    let isFirstVCL = type.isVCL && !open.hasVCL
    var role = noteNAL(isVCL: type.isVCL, isFirstSlice: isFirstSlice)
    guard type.isVCL else { return role }
    if isFirstVCL { open.isSkippedLeading = type.isSkippedLeading }
    // Even types below 16 are sub-layer non-reference pictures (Table 7-1).
    if !(hasOneLayer && type.rawValue < 16 && type.rawValue & 1 == 0) { open.isReference = true }
    if type.isRandomAccess, isStart {
      open.allowsSkippedLeading = type.allowsSkippedLeading
      role.formUnion(noteKey())
    }
    return role
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
    // With decoding order numbers two more bytes lie before the slice's: such a fragment may wait in vain, 50 ms at most.
    if type == .fragmentation {
      return payload[2] & 0x80 != 0 && (!H265NALType(rawValue: payload[2] & 0x3F).isVCL || payload[3] & 0x80 != 0)
    }
    return !type.isVCL || payload[2] & 0x80 != 0
  }
}

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
    if type.isSingle { return takeH264(payload) }
    switch type {
    case .singleTimeAggregation: return takeH264Aggregate(payload)
    case .fragmentation: return takeH264Fragment(payload)
    default:
      // 25, 26, 27 and 29 carry slices; 0, 30 and 31 mean nothing and are to be ignored (§5.2).
      if (25...29).contains(type.rawValue) { noteMalformed() } else { counters.payloadsMalformed &+= 1 }
      return []
    }
  }

  private mutating func takeH264(_ nal: UnsafeRawBufferPointer) -> PacketRole {
    endCutFragment()
    let type = H264NALType(header: nal[0])
    let role = noteH264(type, reference: nal[0] & 0x60 != 0, isFirstSlice: nal.count > 1 && nal[1] & 0x80 != 0)
    open.append(nal)
    if let kind = ParameterSetKind(.h264, header: nal[0]) { noteParameterSet(kind, nal) }
    return role
  }

  /// §5.7.1: NAL units with 16 bits of length before each.
  private mutating func takeH264Aggregate(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    var role: PacketRole = []
    var at = 1
    while payload.count &- at >= 2 {
      let length = Int(payload[at]) << 8 | Int(payload[at &+ 1])
      at &+= 2
      guard length <= payload.count &- at else { break }
      if length > 0 {
        let nal = UnsafeRawBufferPointer(rebasing: payload[at..<at &+ length])
        guard H264NALType(header: nal[0]).isSingle else { break }
        role.formUnion(takeH264(nal))
      }
      at &+= length
    }
    if at != payload.count { noteMalformed() }
    return role
  }

  /// §5.8.
  private mutating func takeH264Fragment(_ payload: UnsafeRawBufferPointer) -> PacketRole {
    guard payload.count > 2 else {
      noteMalformed()
      return []
    }
    let header = payload[1]
    let type = H264NALType(header: header)
    let bytes = UnsafeRawBufferPointer(rebasing: payload[2..<payload.count])
    var role: PacketRole = []
    if header & 0x80 != 0 {
      endCutFragment()
      role = noteH264(type, reference: payload[0] & 0x60 != 0, isFirstSlice: bytes[0] & 0x80 != 0)
      open.beginFragment(header: payload[0] & 0xE0 | type.rawValue, bytes)
    } else if open.fragmentStart != nil {
      open.continueFragment(bytes)
    } else {
      // Its start is missing.
      if !open.isDamaged, !gapBefore { counters.payloadsMalformed &+= 1 }
      open.isDamaged = true
      if type.isVCL { role = noteH264(type, reference: payload[0] & 0x60 != 0, isFirstSlice: false, isStart: false) }
    }
    if header & 0x40 != 0 { endWholeFragment() }
    return role
  }

  private mutating func noteH264(_ type: H264NALType, reference: Bool, isFirstSlice: Bool, isStart: Bool = true) -> PacketRole {
    var role = noteNAL(isVCL: type.isVCL, isFirstSlice: isFirstSlice)
    if type.isVCL, reference { open.isReference = true }
    if type == .idrSlice, isStart { role.formUnion(noteKey()) }
    return role
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

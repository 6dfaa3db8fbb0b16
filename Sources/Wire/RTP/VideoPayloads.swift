internal import Model

/// What H.264 and H.265 payloads have in common.
extension RTPUnitAssembler {
  /// A fragment of a NAL unit.
  /// - Parameters:
  ///   - header: the NAL unit's first byte; `second` is H.265's other one.
  ///   - bytes: of the NAL unit, after its header; not empty.
  mutating func receiveFragment(
    header: UInt8, second: UInt8?, _ bytes: UnsafeRawBufferPointer, isStart: Bool, isEnd: Bool
  ) -> PacketRole {
    var role: PacketRole = []
    if isStart {
      role = PacketRole(builder.beginFragment(header: header, second: second, bytes))
    } else if builder.hasOpenFragment {
      builder.continueFragment(bytes)
    } else {
      // Its start is missing; without a gap that explains it, the sender is wrong.
      if !builder.isLossKnown { counted.payloadsMalformed &+= 1 }
      role = PacketRole(builder.noteMissing(header: header))
    }
    if isEnd { role.formUnion(PacketRole(builder.endFragment())) }
    return role
  }

  /// Whether a payload begins or contains a slice from which decoding can start.
  func beginsKey(_ payload: UnsafeRawBufferPointer) -> Bool {
    switch track.codec {
    case .h264: RTPUnitAssembler.beginsKeyH264(payload)
    case .h265: RTPUnitAssembler.beginsKeyH265(payload, hasDecodingOrderNumbers: format.hasDecodingOrderNumbers)
    default: audioIsKey
    }
  }

  /// Whether a payload shows that no packet of its unit lies before it: it begins with a first slice, or with what comes before slices.
  func beginsUnit(_ payload: UnsafeRawBufferPointer) -> Bool {
    switch track.codec {
    case .h264: RTPUnitAssembler.beginsUnitH264(payload)
    case .h265: RTPUnitAssembler.beginsUnitH265(payload)
    default: true
    }
  }
}

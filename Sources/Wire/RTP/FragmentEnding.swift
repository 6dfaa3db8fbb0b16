internal import Model
internal import NIOCore

extension RTPUnitAssembler {
  /// The last fragment of a NAL unit came: a parameter set is looked at where it lies.
  mutating func endWholeFragment() {
    guard let range = open.endFragment(), let header = open.bytes.getInteger(at: range.lowerBound, as: UInt8.self),
      let kind = ParameterSetKind(track.codec, header: header), let nal = open.bytes.getSlice(at: range.lowerBound, length: range.count)
    else { return }
    nal.withUnsafeReadableBytes { noteParameterSet(kind, $0) }
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

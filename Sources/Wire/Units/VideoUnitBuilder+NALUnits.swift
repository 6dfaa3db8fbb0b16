internal import Model
public import NIOCore

/// NAL units of the open unit, whole and in fragments. Without an open unit each of these calls has no effect.
extension VideoUnitBuilder {
  /// Appends a whole NAL unit, without start code or length.
  @discardableResult
  public mutating func append(_ nal: UnsafeRawBufferPointer) -> NALRole {
    endCutFragment()
    guard isOpen else { return [] }
    if isSearched(nal), StartCode.find(from: 0, in: nal) != nil { return appendParts(of: nal) }
    guard let role = noteWhole(nal) else { return [] }
    bytes.append(nal)
    return role
  }

  /// A whole unit came as a byte stream.
  mutating func noteStartCodes() { startCodes &+= 1 }

  /// Whether a NAL unit is searched for start codes: always when it is no slice, for those are short and come first.
  @inline(__always)
  private func isSearched(_ nal: UnsafeRawBufferPointer) -> Bool {
    guard let header = nal.first else { return false }
    return searchesSlices || header == 0 || !isVCL(header)
  }

  /// Appends the NAL units that one was, of a sender that cut its byte stream at pictures and not at NAL units.
  private mutating func appendParts(of nal: UnsafeRawBufferPointer) -> NALRole {
    startCodes &+= 1
    var role: NALRole = .startCodes
    StartCode.forEachPart(of: nal) { part in
      guard let found = noteWhole(part) else { return }
      bytes.append(part)
      role.formUnion(found)
    }
    return role
  }

  /// Looks at a whole NAL unit whose bytes stay where they are; see ``finish(id:payload:into:)``. One that cannot be read damages the unit.
  @discardableResult
  public mutating func note(_ nal: UnsafeRawBufferPointer) -> NALRole {
    guard isOpen else { return [] }
    guard isSearched(nal), StartCode.find(from: 0, in: nal) != nil else { return noteWhole(nal) ?? [] }
    startCodes &+= 1
    var role: NALRole = .startCodes
    StartCode.forEachPart(of: nal) { role.formUnion(noteWhole($0) ?? []) }
    return role
  }

  /// Keeps NAL units that were looked at with ``note(_:)`` for the unit's end: no slice came with them.
  /// - Parameter prefixed: each behind four bytes of length.
  public mutating func keep(_ prefixed: ByteBuffer) {
    if isOpen { bytes.append(prefixed: prefixed) }
  }

  // MARK: Fragments

  /// Begins a NAL unit whose bytes come in fragments.
  /// - Parameters:
  ///   - header: its first byte.
  ///   - second: H.265's other byte of header.
  ///   - fragment: its first bytes after the header; not empty.
  @discardableResult
  public mutating func beginFragment(header: UInt8, second: UInt8? = nil, _ fragment: UnsafeRawBufferPointer) -> NALRole {
    guard isOpen, let first = fragment.first else { return [] }
    endCutFragment()
    var role: NALRole = []
    if isVCL(header) { role = noteSlice(header, isFirst: first & 0x80 != 0) } else { noteOther() }
    bytes.beginFragment(header: header, second: second, fragment, isKey: picture.isKey)
    return role
  }

  /// The next fragment of the NAL unit under way.
  public mutating func continueFragment(_ fragment: UnsafeRawBufferPointer) { bytes.continueFragment(fragment) }

  /// The last fragment came: a parameter set is looked at where it lies, and what is several NAL units is taken apart.
  @discardableResult
  public mutating func endFragment() -> NALRole {
    guard let range = bytes.endFragment() else { return [] }
    if let parts = removeParts(at: range) { return parts.withUnsafeBytes { appendParts(of: $0) } }
    guard let header = bytes.bytes.getInteger(at: range.lowerBound, as: UInt8.self), let kind = ParameterSetKind(track.codec, header: header),
      let nal = bytes.bytes.getSlice(at: range.lowerBound, length: range.count)
    else { return [] }
    nal.withUnsafeReadableBytes { noteParameterSet(kind, $0) }
    return []
  }

  /// The bytes of the last NAL unit, taken out, if they are several; nil, as nearly always, when they are one.
  private mutating func removeParts(at range: Range<Int>) -> [UInt8]? {
    let parts = bytes.bytes.withUnsafeReadableBytes { all -> [UInt8]? in
      guard range.upperBound <= all.count else { return nil }
      let nal = UnsafeRawBufferPointer(rebasing: all[range])
      return isSearched(nal) && StartCode.find(from: 0, in: nal) != nil ? Array(nal) : nil
    }
    if parts != nil { bytes.removeLast(range) }
    return parts
  }

  /// A NAL unit that is missing, or whose beginning is: the unit is damaged.
  /// - Parameter header: its first byte; nil when it is not known, and the worst is assumed: others refer to it.
  @discardableResult
  public mutating func noteMissing(header: UInt8?) -> NALRole {
    guard isOpen else { return [] }
    picture.isDamaged = true
    guard let header else {
      picture.isReference = true
      return []
    }
    return isVCL(header) ? noteSlice(header, isFirst: false, isStart: false) : []
  }

  /// A fragmented NAL unit that another one, or the unit's end, interrupts.
  mutating func endCutFragment() {
    if bytes.endFragment() != nil { picture.isDamaged = true }
  }

  // MARK: Borders

  /// Whether a NAL unit is the first of another picture than the open one: for streams that mark no borders (H.264 §7.4.1.2.3, H.265 §7.4.2.4.4).
  /// The two fields of an interlaced frame are two pictures.
  public func startsUnit(_ nal: UnsafeRawBufferPointer) -> Bool {
    guard isOpen, picture.hasSlice || isOversize, let header = nal.first else { return false }
    if isH264 {
      let type = H264NALType(header: header)
      return type.startsUnit || (type.beginsWithFirstMacroblock && isFirstSlice(nal))
    }
    // Pictures of higher layers belong to the unit of the lowest one.
    guard nal.count > 1, header & 1 == 0, nal[1] >> 3 == 0 else { return false }
    let type = H265NALType(header: header)
    return type.startsUnit || (type.isVCL && isFirstSlice(nal))
  }

  // MARK: What a NAL unit says

  /// Nil, and the unit is damaged, when it cannot be read: the forbidden bit is set (somebody on the way says that it is broken), or it is
  /// shorter than a header.
  @inline(__always)
  private mutating func noteWhole(_ nal: UnsafeRawBufferPointer) -> NALRole? {
    guard let header = nal.first, header & 0x80 == 0, isH264 || nal.count > 1 else {
      if !nal.isEmpty { markDamaged() }
      return nil
    }
    if isVCL(header) { return noteSlice(header, isFirst: isFirstSlice(nal)) }
    noteOther()
    if isPrefixSEI(header) { return noteSEI(nal) }
    if let kind = ParameterSetKind(track.codec, header: header) { noteParameterSet(kind, nal) }
    return []
  }

  @inline(__always)
  private func isFirstSlice(_ nal: UnsafeRawBufferPointer) -> Bool {
    // first_mb_in_slice = 0 is one bit, 1 (H.264 §7.3.3); first_slice_segment_in_pic_flag (H.265 §7.3.6.1).
    let at = isH264 ? 1 : 2
    return nal.count > at && nal[at] & 0x80 != 0
  }

  @inline(__always)
  private func isVCL(_ header: UInt8) -> Bool { isH264 ? H264NALType(header: header).isVCL : H265NALType(header: header).isVCL }

  @inline(__always)
  private func isPrefixSEI(_ header: UInt8) -> Bool {
    isH264
      ? H264NALType(header: header) == .supplementalEnhancement : H265NALType(header: header) == .supplementalEnhancement
  }

  /// A recovery point is a start for readers only when no key picture has come for long.
  private mutating func noteSEI(_ nal: UnsafeRawBufferPointer) -> NALRole {
    guard !picture.hasSlice, let point = RecoveryPoint(sei: nal, headerLength: isH264 ? 1 : 2) else { return [] }
    picture.recovery = point
    guard lastKey.map({ arrival - $0 > VideoUnitBuilder.keyPatience }) ?? true else { return [] }
    picture.isStart = true
    return .key
  }

  /// Something else than a slice begins.
  private mutating func noteOther() {
    if gapBefore { closeGap() }
  }

  /// A slice begins. Called before its bytes are stored.
  /// - Parameter isStart: false for one whose beginning is missing: decoding cannot start with it.
  private mutating func noteSlice(_ header: UInt8, isFirst: Bool, isStart: Bool = true) -> NALRole {
    if gapBefore {
      closeGap()
      if !isFirst { picture.isDamaged = true }
    }
    var role: NALRole = hasPendingParameters && applyPendingParameters() ? .parametersChanged : []
    let isKey = isH264 ? noteH264Slice(header) : noteH265Slice(header, isStart: isStart)
    picture.hasSlice = true
    if isKey, isStart {
      picture.isKey = true
      role.insert(.key)
    }
    return role
  }

  private mutating func closeGap() {
    gapBefore = false
    chain.breakOff()
  }

  private mutating func noteH264Slice(_ header: UInt8) -> Bool {
    if header & 0x60 != 0 { picture.isReference = true }
    return H264NALType(header: header) == .idrSlice
  }

  private mutating func noteH265Slice(_ header: UInt8, isStart: Bool) -> Bool {
    let type = H265NALType(header: header)
    if !picture.hasSlice { picture.isSkippedLeading = type.isSkippedLeading }
    // Even types below 16 are sub-layer non-reference pictures (Table 7-1).
    if !(hasOneLayer && type.rawValue < 16 && type.rawValue & 1 == 0) { picture.isReference = true }
    guard type.isRandomAccess else { return false }
    if isStart { picture.allowsSkippedLeading = type.allowsSkippedLeading }
    return true
  }
}

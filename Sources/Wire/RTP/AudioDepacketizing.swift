internal import Model
internal import NIOCore

/// Opus (RFC 7587) and G.711 (RFC 3551 §4.5.14): the payload is the frame. AAC: RFC 3640, several frames a packet or fragments of one.
extension RTPUnitAssembler {
  mutating func receiveAudio(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    var role: PacketRole = audioIsKey ? [.startsUnit, .key] : .startsUnit
    let before = units.count
    if track.codec == .aac {
      receiveAAC(header, payload, arrival, unitID, &numbering, &units)
    } else {
      emitAudio(payload, clock.time, arrival, unitID, &numbering, &units)
    }
    if units.count > before { role.insert(.endsUnit) }
    return role
  }

  private mutating func receiveAAC(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) {
    guard format.sizeLength > 0 else { return emitAudio(payload, clock.time, arrival, unitID, &numbering, &units) }
    guard payload.count > 2 else { return dropAudio() }
    let headerBits = Int(payload[0]) << 8 | Int(payload[1])
    var data = 2 &+ (headerBits &+ 7) / 8
    guard data <= payload.count else { return dropAudio() }
    let headers = UnsafeRawBufferPointer(rebasing: payload[2..<data])
    var bit = 0
    var index = 0
    var number = unitID
    while data < payload.count {
      let isFirst = bit == 0
      let indexBits = isFirst ? format.indexLength : format.indexDeltaLength
      guard headerBits &- bit >= format.sizeLength &+ indexBits else { break }
      let length = headers.bits(bit, format.sizeLength)
      let step = headers.bits(bit &+ format.sizeLength, indexBits)
      bit &+= format.sizeLength &+ indexBits
      // The timestamp is the first frame's (§3.2.3.1), whatever its index; the others' indexes say how far behind they are.
      if !isFirst { index &+= step &+ 1 }
      let available = payload.count &- data
      if length > available {
        guard isFirst, length <= VideoUnitBuilder.maximumUnitLength else { return dropAudio() }
        let rest = UnsafeRawBufferPointer(rebasing: payload[data...])
        return receiveFragment(rest, length: length, header, arrival, unitID, &numbering, &units)
      }
      let frame = UnsafeRawBufferPointer(rebasing: payload[data..<data &+ length])
      if length > 0 { emitAudio(frame, clock.time &+ Int64(index) &* audioFrameTicks, arrival, number, &numbering, &units) }
      number = nil
      data &+= length
    }
    if data != payload.count { counted.payloadsMalformed &+= 1 }
  }

  private mutating func receiveFragment(
    _ bytes: UnsafeRawBufferPointer, length: Int, _ header: RTPHeader, _ arrival: BootTime,
    _ unitID: (epoch: UInt64, number: UInt64)?, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) {
    if !fragment.continues(length: length, timestamp: header.timestamp) {
      if fragment.length > 0 { counted.unitsDropped &+= 1 }
      fragment.begin(length: length, timestamp: header.timestamp, arrival: arrival)
    }
    if let unitID { fragment.unitID = unitID }
    guard bytes.count <= fragment.missing else { return dropAudio() }
    fragment.append(bytes)
    guard fragment.missing == 0 else {
      // The end is marked (§3.1), and it is not whole: its start was lost.
      if header.marker { dropAudio() }
      return
    }
    let whole = fragment
    fragment.clear()
    emitAudio(whole.bytes, clock.time, firstArrival: whole.firstArrival, arrival, whole.unitID, &numbering, &units)
  }

  private mutating func emitAudio(
    _ frame: UnsafeRawBufferPointer, _ time: Int64, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) {
    emitAudio(ByteBuffer(bytes: frame), time, firstArrival: arrival, arrival, unitID, &numbering, &units)
  }

  private mutating func emitAudio(
    _ frame: ByteBuffer, _ time: Int64, firstArrival: BootTime, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) {
    units.append(
      AccessUnit(
        id: nextID(unitID, numbering), track: track.index, pts: MediaTime(value: time, timescale: track.clockRate),
        firstArrival: firstArrival, arrival: arrival, generation: track.generation, flags: audioFlags, payload: frame))
    noteEmitted(&units, hasOwnID: unitID != nil, &numbering)
  }

  /// Audio frames stand alone: a whole one is clean. A frame of which a fragment is missing is noise to a decoder and is not emitted.
  private var audioFlags: AccessUnit.Flags { audioIsKey ? [.clean, .key] : .clean }

  private mutating func dropAudio() {
    counted.payloadsMalformed &+= 1
    counted.unitsDropped &+= 1
    fragment.clear()
  }

  static func audioFrameTicks(_ track: Track, _ format: RTPPayloadFormat) -> Int64 {
    if let ticks = format.constantDuration, ticks > 0, ticks < 1 << 31 { return Int64(ticks) }
    guard case .aac(let bytes) = track.parameters, let config = AudioSpecificConfig(bytes) else { return 1024 }
    return Int64(config.samplesPerFrame) * Int64(track.clockRate) / Int64(config.sampleRate)
  }
}

extension UnsafeRawBufferPointer {
  /// `count` (≤ 32) bits from bit `offset`, highest first; zeros past the end.
  fileprivate func bits(_ offset: Int, _ count: Int) -> Int {
    var value = 0
    for position in offset..<offset &+ count {
      let byte = position >> 3 < self.count ? self[position >> 3] : 0
      value = value << 1 | Int(byte >> UInt8(7 &- position & 7) & 1)
    }
    return value
  }
}

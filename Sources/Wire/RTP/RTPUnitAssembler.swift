public import Model
internal import NIOCore

/// Puts one track's RTP packets together to access units: reordering (UDP), depacketising, unit borders, loss, parameter sets.
///
/// Lives on one event loop and is called for each packet: nothing is allocated per packet, only per unit. Presentation times are the
/// unwrapped RTP timestamps as they are; placing them on the stream's time line is the hub's.
public struct RTPUnitAssembler: Sendable {
  /// A longer unit is dropped.
  public static let maximumUnitLength = 8 << 20
  /// RFC 3550 §A.1's MAX_MISORDER, wide enough for satellite links: what is older than this many packets is late only as long as it is alone.
  private static let maximumMisorder: Int16 = 1024

  /// Parameters, generation, size and frame rate follow the parameter sets in the stream.
  public internal(set) var track: Track
  public let origin: UnitOrigin
  public let epoch: UInt64
  public internal(set) var counters = AssemblyCounters()

  let format: RTPPayloadFormat
  let audioIsKey: Bool
  /// RTP ticks of one AAC frame.
  let audioFrameTicks: Int64
  private let reorder: Bool
  private let startsAreTold: Bool
  private(set) var window = ReorderWindow()

  private var hasStarted = false
  /// Packets of this source may have come, and none was assembled.
  private var isFresh = false
  private(set) var ssrc: UInt32 = 0
  var expected: UInt16 = 0
  /// Where a sender that began to count anew would go on.
  private var restart: UInt16?
  /// The timestamp whose first packet waited in the window: its role was told then.
  private var announced: UInt32?

  private var unwrapper = TimestampUnwrapper()
  /// Added to unwrapped timestamps: a new synchronisation source goes on where the last one stopped.
  private var timestampShift: Int64 = 0
  /// Where the next timestamp lies, when its source is new.
  private var resumeTime: Int64?
  private(set) var lastTimestamp: UInt32?
  private(set) var lastTime: Int64 = 0
  var lastArrival = BootTime(nanoseconds: 0)

  var open = OpenUnit()
  var fragment = OpenAudioFragment()
  /// Packets are missing before the next NAL unit, and not inside an open unit.
  var gapBefore = true
  private var isDiscontinuous = false
  private var chainIsClean = false
  private var leadingIsClean = false
  private(set) var hasOneLayer = false
  private var markersSeen = false
  /// The track's parameters with the sets that came since; taken over at the first slice.
  private var pendingParameters: CodecParameters?

  /// - Parameters:
  ///   - reorder: true for UDP: packets out of order wait in a window of 64 packets or 50 ms of arrival time, repeated ones are dropped.
  ///   - startsAreTold: the first packet of each unit, and no other, comes with a `unitID`.
  ///   - audioIsKey: every audio unit carries ``AccessUnit/Flags/key``: the stream has no video.
  public init(
    track: Track, format: RTPPayloadFormat = RTPPayloadFormat(), origin: UnitOrigin, epoch: UInt64, reorder: Bool,
    startsAreTold: Bool = false, audioIsKey: Bool = false
  ) {
    self.track = track
    self.format = format
    self.origin = origin
    self.epoch = epoch
    self.reorder = reorder
    self.startsAreTold = startsAreTold
    self.audioIsKey = audioIsKey
    audioFrameTicks = RTPUnitAssembler.audioFrameTicks(track, format)
    self.track.fillFromParameters()
    hasOneLayer = RTPUnitAssembler.hasOneLayer(track)
  }

  /// Takes one packet; the units it completes are appended.
  /// - Parameters:
  ///   - packet: the whole RTP packet that `header` was read from; only looked at during the call.
  ///   - numbering: the number given last in this epoch, over all tracks; goes up by one for each unit that has no `unitID`.
  ///   - unitID: what the packet's header extension told, between our own nodes: the unit keeps that epoch and number.
  /// - Returns: the role of this packet; ``PacketRole/endsUnit`` and ``PacketRole/parametersChanged`` also when packets that waited in the
  ///   window brought it about.
  public mutating func receive(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, arrival: BootTime, numbering: inout UInt64,
    unitID: (epoch: UInt64, number: UInt64)? = nil, into units: inout [AccessUnit]
  ) -> PacketRole {
    counters.packets &+= 1
    guard header.headerLength >= 0, header.payloadLength >= 0, header.headerLength <= packet.count,
      header.payloadLength <= packet.count &- header.headerLength
    else {
      counters.payloadsMalformed &+= 1
      return []
    }
    let payload = UnsafeRawBufferPointer(rebasing: packet[header.headerLength..<header.headerLength &+ header.payloadLength])
    var role: PacketRole = []
    if !hasStarted || header.ssrc != ssrc {
      if hasStarted { role = changeSource(arrival, &numbering, &units) }
      hasStarted = true
      ssrc = header.ssrc
      begin(at: header.sequenceNumber, payload, isTold: unitID != nil)
    } else if isFresh, reorder, Int16(bitPattern: header.sequenceNumber &- expected) <= 0 {
      // Nothing was assembled yet, so that the sequence may begin earlier than what came first.
      begin(at: header.sequenceNumber, payload, isTold: unitID != nil)
    }
    if reorder, header.sequenceNumber != expected {
      role.formUnion(receiveOutOfOrder(header, payload, arrival, unitID, &numbering, &units))
      return role
    }
    role.formUnion(assemble(header, payload, arrival, unitID, &numbering, &units))
    if reorder, !window.isEmpty { role.formUnion(release(at: arrival, &numbering, &units)) }
    return role
  }

  /// Nothing more will come: empties the window and finishes the open unit, damaged if its end was not marked and the sender marks ends.
  public mutating func flush(numbering: inout UInt64, into units: inout [AccessUnit]) {
    while let held = window.removeFirst() { _ = assemble(held, &numbering, &units) }
    if open.isOpen {
      if markersSeen { open.markLoss() }
      _ = finish(&numbering, &units)
    }
    fragment.clear()
    gapBefore = true
  }

  // MARK: Order

  /// Where the sequence begins. A packet from the middle of a unit may only have overtaken those before it: it waits for them as for one that is
  /// missing. One that shows a unit's start does not wait.
  private mutating func begin(at sequenceNumber: UInt16, _ payload: UnsafeRawBufferPointer, isTold: Bool) {
    isFresh = true
    let showsStart = startsAreTold ? isTold : beginsUnit(payload)
    expected = reorder && !showsStart ? sequenceNumber &- 1 : sequenceNumber
  }

  private mutating func receiveOutOfOrder(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    let ahead = Int16(bitPattern: header.sequenceNumber &- expected)
    guard ahead > 0 else { return receiveLate(header, payload, ahead, arrival, unitID, &numbering, &units) }
    let isNew = header.timestamp != lastTimestamp && !window.contains(timestamp: header.timestamp)
    let held = ReorderWindow.Held(header: header, bytes: Array(payload), arrival: arrival, unitID: unitID)
    guard window.insert(held) else {
      counters.packetsLate &+= 1
      return []
    }
    var role: PacketRole = beginsKey(payload) ? .key : []
    if !track.codec.isVideo || isNew {
      role.insert(.startsUnit)
      announced = header.timestamp
    }
    role.formUnion(release(at: arrival, &numbering, &units))
    return role
  }

  /// Repeated, or given up on; or the sender began to count anew, which two in a row far behind show (RFC 3550 §A.1).
  private mutating func receiveLate(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ ahead: Int16, _ arrival: BootTime,
    _ unitID: (epoch: UInt64, number: UInt64)?, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    guard ahead < -RTPUnitAssembler.maximumMisorder, restart == header.sequenceNumber else {
      counters.packetsLate &+= 1
      restart = ahead < -RTPUnitAssembler.maximumMisorder ? header.sequenceNumber &+ 1 : nil
      return []
    }
    restart = nil
    while let held = window.removeFirst() { _ = assemble(held, &numbering, &units) }
    return assemble(header, payload, arrival, unitID, &numbering, &units)
  }

  /// Assembles what waits and is next, or has waited enough.
  private mutating func release(at now: BootTime, _ numbering: inout UInt64, _ units: inout [AccessUnit]) -> PacketRole {
    var role: PacketRole = []
    while let next = window.next, next == expected || window.isDue(at: now), let held = window.removeFirst() {
      role.formUnion(assemble(held, &numbering, &units).intersection([.endsUnit, .parametersChanged]))
    }
    return role
  }

  private mutating func assemble(
    _ held: ReorderWindow.Held, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    held.bytes.withUnsafeBytes { assemble(held.header, $0, held.arrival, held.unitID, &numbering, &units) }
  }

  /// A new synchronisation source (RFC 3550 §8): its timestamps have nothing to do with those before; it goes on after the time that passed.
  private mutating func changeSource(_ arrival: BootTime, _ numbering: inout UInt64, _ units: inout [AccessUnit]) -> PacketRole {
    let before = units.count
    flush(numbering: &numbering, into: &units)
    let passed = MediaTime(value: max(0, (arrival - lastArrival).value), timescale: 1_000_000_000).rescaled(to: track.clockRate)
    resumeTime = lastTime &+ passed
    unwrapper = TimestampUnwrapper()
    lastTimestamp = nil
    announced = nil
    restart = nil
    isDiscontinuous = true
    chainIsClean = false
    return units.count > before ? .endsUnit : []
  }

  // MARK: Units

  private mutating func assemble(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    if isFresh {
      isFresh = false
      expected = header.sequenceNumber
    }
    let missing = header.sequenceNumber &- expected
    expected = header.sequenceNumber &+ 1
    // A step back of a sender that counts anew is a gap of unknown size.
    if missing > 0, missing < 0x8000 { counters.packetsMissing &+= UInt64(missing) }
    guard !payload.isEmpty, format.payloadType == nil || format.payloadType == header.payloadType else {
      if missing > 0 { noteLoss(inside: false) }
      return []
    }
    lastArrival = arrival
    let isNew = header.timestamp != lastTimestamp
    if isNew {
      lastTimestamp = header.timestamp
      lastTime = time(of: header.timestamp)
    }
    guard track.codec.isVideo else {
      if missing > 0 { fragment.clear() }
      return receiveAudio(header, payload, arrival, unitID, &numbering, &units)
    }
    return assembleVideo(header, payload, arrival, unitID, isNew: isNew, hasGap: missing > 0, &numbering, &units)
  }

  private mutating func assembleVideo(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    isNew: Bool, hasGap: Bool, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    var role: PacketRole = []
    if hasGap { noteLoss(inside: !isNew) }
    if isNew {
      if header.timestamp != announced { role = .startsUnit }
      announced = nil
      // Without a slice it is no unit yet: parameter sets and SEI belong to the picture that follows (H.264 §7.4.1.2.3).
      if open.isOpen, open.hasVCL || open.isOversize, finish(&numbering, &units) { role.insert(.endsUnit) }
    }
    if !open.isOpen { open.begin(arrival: arrival) }
    open.time = lastTime
    open.note(arrival: arrival)
    if let unitID { open.unitID = unitID }
    if !open.isOversize { role.formUnion(track.codec == .h264 ? receiveH264(payload) : receiveH265(payload)) }
    if header.marker {
      markersSeen = true
      // Some cameras mark parameter sets too.
      if open.hasVCL || open.isOversize {
        if finish(&numbering, &units) { role.insert(.endsUnit) }
      }
    }
    return role
  }

  private mutating func time(of timestamp: UInt32) -> Int64 {
    let raw = unwrapper.unwrap(timestamp)
    if let resumeTime {
      timestampShift = resumeTime &- raw
      self.resumeTime = nil
    }
    return raw &+ timestampShift
  }

  /// - Parameter inside: the packets before and after the gap are of one unit, so the missing ones are too.
  private mutating func noteLoss(inside: Bool) {
    let isInside = inside && open.isOpen
    open.markLoss()
    if !isInside { gapBefore = true }
  }

  /// A NAL unit begins: what it says about the unit. Called before its bytes are taken.
  mutating func noteNAL(isVCL: Bool, isFirstSlice: Bool) -> PacketRole {
    if gapBefore {
      gapBefore = false
      chainIsClean = false
      if isVCL, !isFirstSlice { open.isDamaged = true }
    }
    guard isVCL else { return [] }
    open.hasVCL = true
    return takeParameters() ? .parametersChanged : []
  }

  /// A picture from which decoding can start begins.
  mutating func noteKey() -> PacketRole {
    open.isKey = true
    return .key
  }

  /// A parameter set came whole; it counts from the next slice on, so that a new SPS and its PPS make one generation.
  mutating func noteParameterSet(_ kind: ParameterSetKind, _ nal: UnsafeRawBufferPointer) {
    if let pendingParameters {
      if pendingParameters.contains(nal, kind) { return }
    } else if let known = track.parameters, known.contains(nal, kind) {
      return
    }
    guard nal.count <= CodecParameters.maximumParameterSetLength,
      var new = pendingParameters ?? track.parameters ?? CodecParameters.empty(track.codec)
    else { return }
    if new.update(parameterSet: Array(nal)) { pendingParameters = new }
  }

  private mutating func takeParameters() -> Bool {
    guard let pending = pendingParameters, pending.isComplete else { return false }
    pendingParameters = nil
    guard track.setParameters(pending) else { return false }
    hasOneLayer = RTPUnitAssembler.hasOneLayer(track)
    return true
  }

  /// With temporal layers, pictures of higher ones may refer to "sub-layer non-reference" pictures.
  private static func hasOneLayer(_ track: Track) -> Bool {
    guard case .h265(_, let sps, _) = track.parameters, let first = sps.first else { return false }
    return H265SPS(nal: first)?.temporalLayers == 1
  }

  /// The payload cannot be read, or is of a kind that is not carried: the unit lacks something.
  mutating func noteMalformed() {
    counters.payloadsMalformed &+= 1
    open.markLoss()
  }

  /// A fragmented NAL unit that another one, or the unit's end, interrupts.
  mutating func endCutFragment() {
    if open.endFragment() != nil { open.isDamaged = true }
  }

  /// Emits the open unit, or drops it when there is nothing to emit. The chain of references is judged here.
  /// - Returns: whether a unit was appended.
  private mutating func finish(_ numbering: inout UInt64, _ units: inout [AccessUnit]) -> Bool {
    endCutFragment()
    let flags = judge()
    let isEmpty = open.bytes.readableBytes == 0
    open.isOpen = false
    guard !isEmpty, !open.isOversize, open.hasVCL else {
      if open.isOversize || open.isDamaged { counters.unitsDropped &+= 1 }
      chainIsClean = false
      return false
    }
    let payload = open.takePayload()
    emit(
      payload, flags: flags, time: open.time, firstArrival: open.firstArrival, arrival: open.arrival, unitID: open.unitID, &numbering,
      &units)
    return true
  }

  private mutating func judge() -> AccessUnit.Flags {
    var flags: AccessUnit.Flags = open.isDamaged ? .damaged : []
    if open.isKey {
      flags.insert(.key)
      leadingIsClean = chainIsClean || !open.allowsSkippedLeading
      chainIsClean = !open.isDamaged
    } else if open.isDamaged, open.isReference {
      // Only RASL pictures refer to RASL pictures (H.265 §3.111).
      if open.isSkippedLeading { leadingIsClean = false } else { chainIsClean = false }
    }
    if !open.isDamaged, chainIsClean, !open.isSkippedLeading || leadingIsClean { flags.insert(.clean) }
    return flags
  }

  mutating func emit(
    _ payload: ByteBuffer, flags: AccessUnit.Flags, time: Int64, firstArrival: BootTime, arrival: BootTime,
    unitID: (epoch: UInt64, number: UInt64)?, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) {
    var flags = flags
    if isDiscontinuous {
      isDiscontinuous = false
      flags.insert(.discontinuity)
    }
    counters.units &+= 1
    if flags.contains(.key) { counters.unitsKey &+= 1 }
    if flags.contains(.damaged) { counters.unitsDamaged &+= 1 }
    if flags.contains(.clean) { counters.unitsClean &+= 1 }
    if unitID == nil { numbering &+= 1 }
    let id = AccessUnitID(origin: origin, epoch: unitID?.epoch ?? epoch, number: unitID?.number ?? numbering)
    units.append(
      AccessUnit(
        id: id, track: track.index, pts: MediaTime(value: time, timescale: track.clockRate), firstArrival: firstArrival, arrival: arrival,
        generation: track.generation, flags: flags, payload: payload))
  }
}

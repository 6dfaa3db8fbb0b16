public import Model
internal import NIOCore

/// Puts one track's RTP packets together to access units: order (``SequenceOrder``), time (``RTPClock``), depacketising, and the units themselves
/// (``VideoUnitBuilder``).
///
/// Lives on one event loop and is called for each packet: nothing is allocated per packet, only per unit. Presentation times are the
/// unwrapped RTP timestamps as they are; placing them on the stream's time line is the hub's.
public struct RTPUnitAssembler: Sendable {
  /// Part of each unit's id: where the stream was first received.
  public let origin: UnitOrigin
  /// Of units that carry no id of their own.
  public let epoch: UInt64

  let format: RTPPayloadFormat
  let audioIsKey: Bool
  /// RTP ticks of one AAC frame.
  let audioFrameTicks: Int64
  private let idsMarkStarts: Bool
  @usableFromInline var builder: VideoUnitBuilder
  var order: SequenceOrder
  var clock: RTPClock
  var fragment = OpenAudioFragment()
  /// All but what the builder counts.
  var counted = AssemblyCounters()

  /// Of the open unit, where a packet carried it.
  private var unitID: (epoch: UInt64, number: UInt64)?
  /// The timestamp whose first packet waited in the window: its role was reported then.
  private var reportedStart: UInt32?
  private var isDiscontinuous = false
  private var marksEnds = false

  /// - Parameters:
  ///   - reorder: true for UDP: packets out of order wait in a window of 64 packets or 50 ms of arrival time, repeated ones are dropped.
  ///   - idsMarkStarts: the first packet of each unit, and no other, comes with a `unitID`.
  ///   - audioIsKey: every audio unit carries ``AccessUnit/Flags/key``: the stream has no video.
  public init(
    track: Track, format: RTPPayloadFormat = RTPPayloadFormat(), origin: UnitOrigin, epoch: UInt64, reorder: Bool,
    idsMarkStarts: Bool = false, audioIsKey: Bool = false
  ) {
    self.format = format
    self.origin = origin
    self.epoch = epoch
    self.idsMarkStarts = idsMarkStarts
    self.audioIsKey = audioIsKey
    audioFrameTicks = RTPUnitAssembler.audioFrameTicks(track, format)
    builder = VideoUnitBuilder(track: track)
    order = SequenceOrder(reorders: reorder)
    clock = RTPClock(clockRate: builder.track.clockRate)
  }

  /// Parameters, generation, size and frame rate follow the parameter sets in the stream.
  @inlinable public var track: Track { builder.track }

  /// What has been received and given out so far.
  public var counters: AssemblyCounters {
    var all = counted
    all.unitsDropped &+= builder.unitsDropped
    all.startCodes = builder.startCodes
    return all
  }

  /// Receives one packet; the units it completes are appended.
  /// - Parameters:
  ///   - packet: the whole RTP packet that `header` was read from; only looked at during the call.
  ///   - numbering: the number given last in this epoch, over all tracks; goes up by one for each unit that has no `unitID`.
  ///   - unitID: what the packet's header extension says, between our own nodes: the unit keeps that epoch and number.
  /// - Returns: the role of this packet; ``PacketRole/endsUnit`` and ``PacketRole/parametersChanged`` also when packets that waited in the
  ///   window brought it about.
  public mutating func receive(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, arrival: BootTime, numbering: inout UInt64,
    unitID: (epoch: UInt64, number: UInt64)? = nil, into units: inout [AccessUnit]
  ) -> PacketRole {
    counted.packets &+= 1
    guard header.headerLength >= 0, header.payloadLength >= 0, header.headerLength <= packet.count,
      header.payloadLength <= packet.count &- header.headerLength
    else {
      counted.payloadsMalformed &+= 1
      return []
    }
    let payload = UnsafeRawBufferPointer(rebasing: packet[header.headerLength..<header.headerLength &+ header.payloadLength])
    var role: PacketRole = []
    if order.isOther(header.ssrc) {
      if order.hasStarted { role = changeSource(arrival, &numbering, &units) }
      order.begin(header.ssrc, at: header.sequenceNumber, showsStart: showsStart(payload, hasID: unitID != nil))
    } else if order.mayBegin(at: header.sequenceNumber) {
      order.begin(header.ssrc, at: header.sequenceNumber, showsStart: showsStart(payload, hasID: unitID != nil))
    }
    if order.reorders, header.sequenceNumber != order.expected {
      role.formUnion(receiveOutOfOrder(header, payload, arrival, unitID, &numbering, &units))
      return role
    }
    role.formUnion(assemble(header, payload, arrival, unitID, &numbering, &units))
    if order.reorders, !order.window.isEmpty { role.formUnion(release(at: arrival, &numbering, &units)) }
    return role
  }

  /// Nothing more will come: empties the window and finishes the open unit, damaged if its end was not marked and the sender marks ends.
  public mutating func flush(numbering: inout UInt64, into units: inout [AccessUnit]) {
    while let held = order.removeFirst() { _ = assemble(held, &numbering, &units) }
    if builder.isOpen {
      if marksEnds { builder.markDamaged() }
      _ = finish(&numbering, &units)
    }
    fragment.clear()
    builder.markLoss(isInside: false)
  }

  // MARK: Order

  private func showsStart(_ payload: UnsafeRawBufferPointer, hasID: Bool) -> Bool {
    idsMarkStarts ? hasID : beginsUnit(payload)
  }

  private mutating func receiveOutOfOrder(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    guard order.distance(of: header.sequenceNumber) > 0 else {
      return receiveLate(header, payload, arrival, unitID, &numbering, &units)
    }
    let isNew = header.timestamp != clock.timestamp && !order.window.contains(timestamp: header.timestamp)
    guard order.hold(ReorderWindow.Held(header: header, bytes: Array(payload), arrival: arrival, unitID: unitID)) else {
      counted.packetsLate &+= 1
      return []
    }
    var role: PacketRole = beginsKey(payload) ? .key : []
    if !track.codec.isVideo || isNew {
      role.insert(.startsUnit)
      reportedStart = header.timestamp
    }
    role.formUnion(release(at: arrival, &numbering, &units))
    return role
  }

  private mutating func receiveLate(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    guard order.restarts(at: header.sequenceNumber) else {
      counted.packetsLate &+= 1
      return []
    }
    while let held = order.removeFirst() { _ = assemble(held, &numbering, &units) }
    return assemble(header, payload, arrival, unitID, &numbering, &units)
  }

  private mutating func release(at now: BootTime, _ numbering: inout UInt64, _ units: inout [AccessUnit]) -> PacketRole {
    var role: PacketRole = []
    while let held = order.removeDue(at: now) {
      role.formUnion(assemble(held, &numbering, &units).intersection([.endsUnit, .parametersChanged]))
    }
    return role
  }

  private mutating func assemble(
    _ held: ReorderWindow.Held, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    held.bytes.withUnsafeBytes { assemble(held.header, $0, held.arrival, held.unitID, &numbering, &units) }
  }

  private mutating func changeSource(_ arrival: BootTime, _ numbering: inout UInt64, _ units: inout [AccessUnit]) -> PacketRole {
    let before = units.count
    flush(numbering: &numbering, into: &units)
    clock.changeSource(at: arrival)
    builder.breakChain()
    reportedStart = nil
    isDiscontinuous = true
    return units.count > before ? .endsUnit : []
  }

  // MARK: Units

  /// Passes one packet on, in order.
  private mutating func assemble(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    let missing = order.pass(header.sequenceNumber)
    if missing > 0, missing < 0x8000 { counted.packetsMissing &+= UInt64(missing) }
    guard !payload.isEmpty, format.payloadType == nil || format.payloadType == header.payloadType else {
      if missing > 0 { builder.markLoss(isInside: false) }
      return []
    }
    let isNew = clock.advance(to: header.timestamp, arrival: arrival)
    guard track.codec.isVideo else {
      if missing > 0 { fragment.clear() }
      return receiveAudio(header, payload, arrival, unitID, &numbering, &units)
    }
    if missing > 0 { builder.markLoss(isInside: !isNew) }
    return assembleVideo(header, payload, arrival, unitID, isNew: isNew, &numbering, &units)
  }

  private mutating func assembleVideo(
    _ header: RTPHeader, _ payload: UnsafeRawBufferPointer, _ arrival: BootTime, _ unitID: (epoch: UInt64, number: UInt64)?,
    isNew: Bool, _ numbering: inout UInt64, _ units: inout [AccessUnit]
  ) -> PacketRole {
    var role: PacketRole = []
    if isNew {
      if header.timestamp != reportedStart { role = .startsUnit }
      reportedStart = nil
      role.formUnion(finishPicture(&numbering, &units))
    }
    if !builder.isOpen { self.unitID = nil }
    builder.open(presentation: clock.time, arrival: arrival)
    if let unitID { self.unitID = unitID }
    if !builder.isOversize { role.formUnion(track.codec == .h264 ? receiveH264(payload) : receiveH265(payload)) }
    if header.marker {
      marksEnds = true
      // Some cameras mark parameter sets too.
      role.formUnion(finishPicture(&numbering, &units))
    }
    return role
  }

  /// The payload cannot be read, or is of a kind that is not carried: the unit lacks something.
  mutating func noteMalformed() {
    counted.payloadsMalformed &+= 1
    builder.markDamaged()
  }

  /// Finishes the open unit if it has a picture; parameter sets and SEI alone wait for theirs.
  /// - Returns: that a unit was appended, and that parameter sets behind its slices are the track's from now on.
  private mutating func finishPicture(_ numbering: inout UInt64, _ units: inout [AccessUnit]) -> PacketRole {
    guard builder.isOpen, builder.hasSlice || builder.isOversize else { return [] }
    let generation = track.generation
    var role: PacketRole = finish(&numbering, &units) ? .endsUnit : []
    if track.generation != generation { role.insert(.parametersChanged) }
    return role
  }

  private mutating func finish(_ numbering: inout UInt64, _ units: inout [AccessUnit]) -> Bool {
    guard builder.finish(id: nextID(unitID, numbering), into: &units) else { return false }
    noteEmitted(&units, hasOwnID: unitID != nil, &numbering)
    return true
  }

  func nextID(_ given: (epoch: UInt64, number: UInt64)?, _ numbering: UInt64) -> AccessUnitID {
    AccessUnitID(origin: origin, epoch: given?.epoch ?? epoch, number: given?.number ?? numbering &+ 1)
  }

  /// Counts the unit that was appended last, whose id is of ``nextID(_:_:)``.
  mutating func noteEmitted(_ units: inout [AccessUnit], hasOwnID: Bool, _ numbering: inout UInt64) {
    let last = units.count &- 1
    counted.count(units[last].flags)
    if !hasOwnID { numbering &+= 1 }
    guard isDiscontinuous else { return }
    isDiscontinuous = false
    units[last].flags.insert(.discontinuity)
  }
}

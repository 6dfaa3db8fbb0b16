internal import Gateway
internal import Hub
internal import Measure
internal import Model
internal import Wire

/// One track of a publication while its packets come.
struct RTPTrackReception: Sendable {
  let clockRate: Int32
  let payloadType: UInt8
  /// `a=extmap` id under which the publisher, one of our nodes, sends unit ids.
  let unitIDExtension: UInt8?
  /// The one under which it sends when key units left.
  private let sentTimeExtension: UInt8?
  /// Of units that are not complete yet, newest last.
  private var sentTimes: [(epoch: UInt64, number: UInt64, sent: BootTime)] = []
  /// Of those that came whole, until they are removed.
  private(set) var transits: [IntakeNews.Transit] = []
  var assembler: RTPUnitAssembler
  /// Where the unit that is being received began, in bytes of packets since the publication's start.
  var unitStart: Int64 = 0
  /// The RTP timestamp of that unit.
  private(set) var unitTime: UInt32 = 0
  /// Whether this unit's key slice has been reported already.
  private var keyReported = false
  private(set) var ssrc: UInt32?
  /// Another source sent before this one: the assembler moves its timestamps, so that they give no capture time any more.
  private var hasNewSource = false
  private(set) var report: (sender: SenderReport, arrival: BootTime)?
  /// When the newest unit was complete: what liveness goes by.
  private(set) var lastUnit: BootTime?
  /// When the source said goodbye.
  private var goodbye: BootTime?
  /// What was added to timestamps when the report came: it says nothing of a clock that has jumped since.
  private var reportShift: UInt32 = 0
  private var clock: ReceivedClock
  /// Packets whose padding count is wrong.
  private(set) var wrongPaddings: UInt64 = 0

  /// - Parameter reorders: packets may be overtaken.
  init(assembler: RTPUnitAssembler, payload: RTPPayloadDescription, reorders: Bool) {
    self.assembler = assembler
    clock = ReceivedClock(track: assembler.track, reorders: reorders)
    payloadType = payload.payloadType
    unitIDExtension = payload.unitIDExtension
    sentTimeExtension = payload.sentTimeExtension
    clockRate = assembler.track.clockRate
  }

  var isVideo: Bool { assembler.track.codec.isVideo }

  // MARK: Packets

  /// Receives one packet: counts it, assembles it, measures the units it completes.
  /// - Parameters:
  ///   - position: of its frame, in bytes of packets since the publication's start.
  ///   - trustsUnitIDs: whether the ids that packets carry are believed.
  ///   - repairs: what the packet asks for that must not go on as it came.
  /// - Returns: its role; nil when it is none of the stream's, and not to be forwarded.
  mutating func receive(
    _ header: RTPHeader, _ packet: UnsafeRawBufferPointer, at position: Int64, arrival: BootTime, trustsUnitIDs: Bool,
    numbering: inout UInt64, into units: inout [AccessUnit], repairs: inout PacketRepairs, _ meter: inout SessionMeter
  ) -> PacketRole? {
    let track = assembler.track.index
    if header.ssrc != ssrc, changesSource(to: header.ssrc) { meter.restart(track: track) }
    meter.packet(
      track: track, sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, arrival: arrival, bytes: packet.count)
    guard header.payloadType == payloadType else { return nil }
    if header.hasWrongPadding {
      wrongPaddings &+= 1
      repairs.note(.noPadding, at: position)
    }
    let before = units.count
    var steady = header
    steady.timestamp &+= header.timestamp == clock.timestamp ? clock.shift : moveClock(header, at: position, arrival, &repairs)
    let role = assembler.receive(
      steady, packet: packet, arrival: arrival, numbering: &numbering, unitID: trustsUnitIDs ? unitID(header, packet) : nil, into: &units)
    countPacket(role, units: units.count &- before)
    if role.contains(.parametersChanged) { clock.setOrder(of: assembler.track) }
    for at in before..<units.count { complete(&units[at], &meter) }
    if units.count > before { lastUnit = arrival }
    if role.contains(.startsUnit) {
      unitStart = position
      unitTime = header.timestamp
      keyReported = false
    }
    return role
  }

  /// The short way for a packet that goes on with the fragment of the one before. False, and nothing is done, when it is another.
  mutating func receiveContinuation(_ packet: UnsafeRawBufferPointer, arrival: BootTime, _ meter: inout SessionMeter) -> Bool {
    guard let seen = assembler.receiveContinuation(packet, payloadType: payloadType, shift: clock.shift, arrival: arrival) else { return false }
    meter.packet(
      track: assembler.track.index, sequenceNumber: seen.sequenceNumber, timestamp: seen.timestamp, arrival: arrival, bytes: packet.count)
    countPacket([], units: 0)
    return true
  }

  /// Completes what was open: nothing more will come.
  mutating func flush(numbering: inout UInt64, into units: inout [AccessUnit], _ meter: inout SessionMeter) {
    let before = units.count
    assembler.flush(numbering: &numbering, into: &units)
    for at in before..<units.count { complete(&units[at], &meter) }
  }

  /// Gives a unit its capture time and counts it, both by the sender's own timestamp: what it sent is what is measured.
  private mutating func complete(_ unit: inout AccessUnit, _ meter: inout SessionMeter) {
    let steady = UInt32(truncatingIfNeeded: unit.pts.value)
    let shift = clock.shift(at: steady)
    unit.capture = shift == reportShift ? capture(timestamp: steady &- shift) : nil
    if clock.removeJump(at: steady) { unit.flags.insert(.discontinuity) }
    var sample = FrameSample(unit, packets: removePacketCount())
    sample.timestamp &-= Int64(Int32(bitPattern: shift &- clock.sourceShift))
    meter.frame(sample)
    if !sentTimes.isEmpty { noteTransit(of: unit) }
  }

  /// The packet's timestamp is another than the one before.
  /// - Returns: what is to be added to it.
  private mutating func moveClock(
    _ header: RTPHeader, at position: Int64, _ arrival: BootTime, _ repairs: inout PacketRepairs
  ) -> UInt32 {
    let before = clock.shift
    let ticks = clock.advance(header, at: arrival)
    if let repair = clock.removeRepair() { repairs.note(repair) }
    if clock.shift != before { repairs.note(.shift(track: assembler.track.index, ticks: clock.shift), at: position) }
    return ticks
  }

  private mutating func unitID(_ header: RTPHeader, _ packet: UnsafeRawBufferPointer) -> (epoch: UInt64, number: UInt64)? {
    guard header.hasExtension, let unitIDExtension, let unit = UnitIDExtension(id: unitIDExtension, packet: packet, header: header) else {
      return nil
    }
    if let sentTimeExtension, let sent = SentTimeExtension.read(id: sentTimeExtension, packet: packet, header: header) {
      if sentTimes.count > 3 { sentTimes.removeFirst() }
      sentTimes.append((unit.epoch, unit.number, sent))
    }
    return (unit.epoch, unit.number)
  }

  /// A unit that lacks packets did not arrive.
  private mutating func noteTransit(of unit: AccessUnit) {
    guard let index = sentTimes.firstIndex(where: { $0.number == unit.id.number && $0.epoch == unit.id.epoch }) else { return }
    if !unit.flags.contains(.damaged) {
      transits.append(IntakeNews.Transit(track: unit.track, sent: sentTimes[index].sent, arrived: unit.arrival))
    }
    sentTimes.removeSubrange(...index)
  }

  mutating func removeTransits() -> [IntakeNews.Transit] {
    defer { transits = [] }
    return transits
  }

  /// Where the unit began whose key slice has just shown itself; nil when it was reported before.
  mutating func removeKeyStart() -> Int64? {
    guard !keyReported else { return nil }
    keyReported = true
    return unitStart
  }

  /// Returns whether another source sent before.
  private mutating func changesSource(to source: UInt32) -> Bool {
    defer { ssrc = source }
    guard ssrc != nil else { return false }
    report = nil
    hasNewSource = true
    clock.changeSource()
    return true
  }

  /// Notes a sender report of this track's source.
  /// - Returns: its timestamp as the packets that are forwarded count it.
  mutating func note(_ sender: SenderReport, arrival: BootTime) -> UInt32 {
    report = (sender, arrival)
    reportShift = clock.shift
    return sender.rtpTimestamp &+ clock.shift
  }

  /// Notes a BYE (RFC 3550 §6.6); one of other sources only is not this track's.
  mutating func note(goodbyeOf sources: [UInt32], arrival: BootTime) {
    if let ssrc, !sources.isEmpty, !sources.contains(ssrc) { return }
    if let goodbye, lastUnit.map({ $0 <= goodbye }) ?? true { return }
    goodbye = arrival
  }

  /// Whether the source said goodbye, and meant it: for a second nothing came behind it. Some devices say it at any change and go on.
  func hasLeft(at now: BootTime) -> Bool {
    guard let goodbye, now - goodbye >= .seconds(1) else { return false }
    return lastUnit.map { $0 <= goodbye } ?? true
  }

  /// The sender's wall time of an RTP timestamp, once a sender report has come.
  private func capture(timestamp: UInt32) -> CaptureTime? {
    guard !hasNewSource, let wall = report?.sender.wallTime(of: timestamp, clockRate: clockRate) else { return nil }
    return CaptureTime(wall: wall, source: .rtcpSenderReport)
  }

  /// The block of our next receiver report about this track (RFC 3550 §6.4.1).
  func reportBlock(_ counts: Measure.ReportBlock, at now: BootTime) -> Wire.ReportBlock? {
    guard let ssrc else { return nil }
    var block = Wire.ReportBlock(
      ssrc: ssrc, fractionLost: counts.fractionLost, cumulativeLost: counts.cumulativeLost,
      extendedHighestSequenceNumber: counts.extendedHighestSequenceNumber, jitter: counts.jitter)
    if let report {
      block.lastSenderReport = report.sender.ntp.middle
      block.delaySinceLastSenderReport = Wire.ReportBlock.delay(now - report.arrival)
    }
    return block
  }

  // MARK: Packets of the units

  private var packetsOfUnit = 0
  private var packetsOfUnitBefore = 0
  private var unitIsOpen = false

  /// Counts a packet that has been through the assembler, which completed `units` units by it.
  private mutating func countPacket(_ role: PacketRole, units: Int) {
    if role.contains(.startsUnit) {
      packetsOfUnitBefore = unitIsOpen ? packetsOfUnit : 0
      packetsOfUnit = 1
    } else {
      packetsOfUnitBefore = 0
      packetsOfUnit &+= 1
    }
    unitIsOpen = units == 0 || (packetsOfUnitBefore > 0 && units == 1)
  }

  /// Packets of the next unit that ``countPacket(_:units:)`` found complete: the one before, when this packet began another.
  private mutating func removePacketCount() -> Int {
    guard packetsOfUnitBefore > 0 else { return packetsOfUnit }
    defer { packetsOfUnitBefore = 0 }
    return packetsOfUnitBefore
  }
}

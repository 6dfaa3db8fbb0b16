internal import Measure
internal import Model
internal import Wire

/// One track of a publication while its packets come.
struct RTPIntake {
  let clockRate: Int32
  let payloadType: UInt8
  /// `a=extmap` id under which the publisher, one of our nodes, tells unit ids.
  let unitIDExtension: UInt8?
  var assembler: RTPUnitAssembler
  /// Where the unit that is being received began, in bytes of packets since the publication's start.
  var unitStart: Int64 = 0
  /// Whether this unit's key slice has been told already.
  var keyTold = false
  private(set) var ssrc: UInt32?
  /// Another source sent before this one: the assembler moves its timestamps, so that they tell no capture time any more.
  private var hasNewSource = false
  private(set) var report: (sender: SenderReport, arrival: BootTime)?

  init(assembler: RTPUnitAssembler, payloadType: UInt8, unitIDExtension: UInt8?) {
    self.assembler = assembler
    self.payloadType = payloadType
    self.unitIDExtension = unitIDExtension
    clockRate = assembler.track.clockRate
  }

  /// Notes the packet's source. Returns whether another one sent before.
  @inline(__always)
  mutating func changesSource(to source: UInt32) -> Bool {
    if source == ssrc { return false }
    defer { ssrc = source }
    guard ssrc != nil else { return false }
    report = nil
    hasNewSource = true
    return true
  }

  /// Notes a sender report of this track's source.
  mutating func note(_ sender: SenderReport, arrival: BootTime) { report = (sender, arrival) }

  /// The sender's wall time of an RTP timestamp, once a report told it.
  func capture(timestamp: UInt32) -> CaptureTime? {
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
  @inline(__always)
  mutating func countPacket(_ role: PacketRole, units: Int) {
    if role.contains(.startsUnit) {
      packetsOfUnitBefore = unitIsOpen ? packetsOfUnit : 0
      packetsOfUnit = 1
    } else {
      packetsOfUnitBefore = 0
      packetsOfUnit &+= 1
    }
    unitIsOpen = units == 0 || (packetsOfUnitBefore > 0 && units == 1)
  }

  /// Packets of the next unit that ``countPacket(_:units:)`` told complete: the one before, when this packet began another.
  mutating func takePacketCount() -> Int {
    guard packetsOfUnitBefore > 0 else { return packetsOfUnit }
    defer { packetsOfUnitBefore = 0 }
    return packetsOfUnitBefore
  }
}

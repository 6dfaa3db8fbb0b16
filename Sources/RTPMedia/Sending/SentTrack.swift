internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// One track as it was sent to one receiver: what a sender report contains (RFC 3550 §6.4.1), and what the receiver answers.
struct SentTrack: Sendable {
  let clockRate: Int32
  private(set) var packets: UInt32 = 0
  /// Payload octets, modulo 2³².
  private(set) var octets: UInt32 = 0
  private(set) var ssrc: UInt32?
  private var newest: (timestamp: UInt32, arrival: BootTime)?
  /// The publisher's own clock, in the numbers this reader sees, and when we learned it.
  private var senderClock: (wall: WallTime, timestamp: UInt32, at: BootTime)?
  /// The newest sender reports: what their LSR will be, and when they went.
  private var sent: [(middle: UInt32, at: BootTime)] = []

  init(clockRate: Int32) { self.clockRate = clockRate }

  mutating func count(_ packet: UnsafeRawBufferPointer, arrival: BootTime) {
    guard packet.count >= RTPHeader.fixedLength else { return }
    packets &+= 1
    octets &+= UInt32(truncatingIfNeeded: packet.count &- RTPHeader.fixedLength)
    ssrc = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    newest = (UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self)), arrival)
  }

  mutating func learn(wall: WallTime, timestamp: UInt32, at now: BootTime) { senderClock = (wall, timestamp, now) }

  /// The report to send now: the publisher's clock carried on to this instant; without one, the newest packet's arrival stands for its
  /// capture. Nil before the first packet.
  mutating func report(at now: BootTime, wall: WallTime) -> SenderReport? {
    guard let ssrc, let newest else { return nil }
    let base = senderClock ?? (WallTime(nanoseconds: wall.nanoseconds &- (now - newest.arrival).value), newest.timestamp, newest.arrival)
    let elapsed = now - base.at
    let ticks = MediaTime(value: elapsed.value, timescale: 1_000_000_000).rescaled(to: clockRate)
    let ntp = NTPTime(WallTime(nanoseconds: base.wall.nanoseconds &+ elapsed.value))
    sent.append((ntp.middle, now))
    if sent.count > 4 { sent.removeFirst() }
    return SenderReport(
      ssrc: ssrc, ntp: ntp, rtpTimestamp: base.timestamp &+ UInt32(truncatingIfNeeded: ticks), packetCount: packets, octetCount: octets)
  }

  /// The round trip by a report block: from our sender report to now, less the time the reader held it.
  func roundTrip(_ block: Wire.ReportBlock, at now: BootTime) -> Nanoseconds? {
    guard let report = sent.last(where: { $0.middle == block.lastSenderReport }) else { return nil }
    let held = Nanoseconds(Int64((UInt64(block.delaySinceLastSenderReport) &* 1_000_000_000) >> 16))
    let trip = now - report.at - held
    // The reader counts in 1/65536 s, so a loopback's trip may come out a little below zero.
    return trip.value < -100_000 ? nil : max(.zero, trip)
  }
}

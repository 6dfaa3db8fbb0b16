public import Measure
public import Model
public import NIOCore
internal import Wire

/// RTCP towards one receiver of RTP (RFC 3550 §6): counts what is sent to it, makes its sender reports, reads what it answers.
public struct SenderReports: Sendable {
  /// What a receiver asks for in RTCP.
  public struct Feedback: OptionSet, Sendable {
    /// One bit a request.
    public let rawValue: UInt8
    /// Of bits that were read.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// PLI or FIR (RFC 4585 §6.3.1, RFC 5104 §4.3.1).
    public static let wantsKeyframe = Feedback(rawValue: 1)
    /// BYE.
    public static let leaves = Feedback(rawValue: 2)
  }

  private var tracks: [SentTrack]
  /// Per track, whether the receiver gets it.
  public let sends: [Bool]
  private let cname: String
  private let interval: Nanoseconds
  private var next: BootTime
  /// Whether a report of the receiver gave a round trip.
  public private(set) var hasRoundTrip = false

  /// - Parameters:
  ///   - clockRates: RTP ticks a second of each track.
  ///   - sends: per track, whether the receiver gets it.
  ///   - node: names us in the source description.
  ///   - interval: between two reports of a track; the first comes after a second.
  public init(clockRates: [Int32], sends: [Bool], node: String, interval: Nanoseconds, at now: BootTime) {
    tracks = clockRates.map { SentTrack(clockRate: $0) }
    self.sends = sends
    cname = "firstframe@\(node)"
    self.interval = interval
    next = now + .seconds(1)
  }

  /// Of all tracks, also those that the receiver does not get.
  public var trackCount: Int { tracks.count }

  // MARK: What is sent

  /// Counts framed packets. One access to the tracks a batch, not one a packet.
  /// - Returns: how many of them the receiver gets.
  public mutating func count(_ framed: ByteBuffer, arrival: BootTime) -> Int {
    let sends = sends
    return tracks.withUnsafeMutableBufferPointer { tracks in
      framed.withUnsafeReadableBytes { bytes in
        var packets = 0
        var walk = RTPFrameWalk(bytes)
        while let frame = walk.next() {
          let track = frame.track
          guard track < tracks.count, track < sends.count, sends[track] else { continue }
          packets &+= 1
          tracks[track].count(frame.packet, arrival: arrival)
        }
        return packets
      }
    }
  }

  /// Counts the packets of one track, framed on whatever channel.
  public mutating func count(_ framed: UnsafeRawBufferPointer, track: Int, arrival: BootTime) -> Int {
    guard track < tracks.count else { return 0 }
    var packets = 0
    var walk = RTPFrameWalk(framed)
    while let frame = walk.next() {
      tracks[track].count(frame.packet, arrival: arrival)
      packets &+= 1
    }
    return packets
  }

  /// The publisher's own clock at one of the timestamps that this receiver sees.
  public mutating func learn(track: Int, wall: WallTime, timestamp: UInt32, at now: BootTime) {
    if track < tracks.count { tracks[track].learn(wall: wall, timestamp: timestamp, at: now) }
  }

  // MARK: Reports

  /// Whether reports are due.
  public func isDue(at now: BootTime) -> Bool { now >= next }

  /// The sender report of one track with its source description; nil before its first packet, or when the receiver does not get it.
  public mutating func report(track: Int, at now: BootTime, wall: WallTime) -> ByteBuffer? {
    guard track < tracks.count, sends[track], let report = tracks[track].report(at: now, wall: wall) else { return nil }
    next = now + interval
    return RTCPPacket.compound([
      .senderReport(report), .sourceDescription([RTCPPacket.SourceName(ssrc: report.ssrc, cname: cname)]),
    ])
  }

  /// The last report of one track with BYE; nil before its first packet.
  public mutating func goodbye(track: Int, at now: BootTime, wall: WallTime) -> ByteBuffer? {
    guard track < tracks.count, sends[track], let report = tracks[track].report(at: now, wall: wall) else { return nil }
    return RTCPPacket.compound([.senderReport(report), .goodbye(ssrcs: [report.ssrc], reason: nil)])
  }

  // MARK: What the receiver answers

  /// Reads one RTCP compound packet about a track.
  /// - Parameter measuresRoundTrip: whether its reports give the round trip; over TCP they wait behind the media that they are about, and the kernel
  ///   knows the connection better.
  public mutating func receive(
    _ packet: UnsafeRawBufferPointer, track: Int, at now: BootTime, measuresRoundTrip: Bool, _ meter: inout OutboundMeter
  ) -> Feedback {
    guard track < tracks.count else { return [] }
    var feedback: Feedback = []
    for part in RTCPPacket.parseCompound(packet) {
      switch part {
      case .receiverReport(_, let blocks): for block in blocks { note(block, track, now, measuresRoundTrip, &meter) }
      case .senderReport(let report): for block in report.reports { note(block, track, now, measuresRoundTrip, &meter) }
      case .pictureLoss, .fullIntraRequest: feedback.insert(.wantsKeyframe)
      case .goodbye: feedback.insert(.leaves)
      default: break
      }
    }
    return feedback
  }

  private mutating func note(
    _ block: Wire.ReportBlock, _ track: Int, _ now: BootTime, _ measuresRoundTrip: Bool, _ meter: inout OutboundMeter
  ) {
    meter.report(
      Measure.ReportBlock(
        fractionLost: block.fractionLost, cumulativeLost: block.cumulativeLost,
        extendedHighestSequenceNumber: block.extendedHighestSequenceNumber, jitter: block.jitter), track: UInt8(truncatingIfNeeded: track),
      clockRate: tracks[track].clockRate)
    guard measuresRoundTrip, let trip = tracks[track].roundTrip(block, at: now) else { return }
    meter.roundTrip(trip, method: "rtcp-rr")
    hasRoundTrip = true
  }
}

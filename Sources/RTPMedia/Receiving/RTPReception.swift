public import Gateway
internal import Hub
public import Measure
public import Model
public import Wire

/// A publication's packets on their way to units: counts them, assembles them, finds key units. A value without I/O; a read works on it as
/// one exclusive access, which is what a packet's cost is made of.
public struct RTPReception: MediaIntake {
  /// RTP tracks each have a clock of their own; a sender report relates them.
  public static var hasSharedClock: Bool { false }

  private let plan: ReceptionPlan
  private let keyTrack: Int?
  /// One a track, from the stream's admission on.
  private var receptions: [RTPTrackReception] = []
  private var numbering: UInt64 = 0
  private var units: [AccessUnit] = []
  /// Bytes of packets posted so far, and where in all of them the newest key unit begins, when that is news.
  private var posted: Int64 = 0
  private var keyStart: Int64?
  /// The RTP timestamp of that key unit.
  private var keyTime: UInt32 = 0
  private var parametersChanged = false
  private var senderClocks: [IntakeNews.SenderClock] = []
  private var transits: [IntakeNews.Transit] = []
  private var packetRepairs = PacketRepairs()
  private var stray: (runs: UInt64, bytes: UInt64) = (0, 0)

  /// Receives nothing before ``begin(_:_:)``.
  public init(_ plan: ReceptionPlan) {
    self.plan = plan
    keyTrack = plan.tracks.firstIndex { $0.codec.isVideo }
  }

  // MARK: MediaIntake

  /// With the parameters that came in band.
  public var tracks: [Track] { receptions.isEmpty ? plan.tracks : receptions.map(\.assembler.track) }
  /// RTP's tracks are described before media comes.
  public var isComplete: Bool { true }
  /// Packets that come before admission wait where they are, in the connection or the socket.
  public var held: (bytes: Int, since: BootTime)? { nil }

  /// Makes an assembler for each track, which numbers units for this publication.
  public mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter) {
    receptions = zip(plan.tracks, plan.payloads).map { track, payload in
      RTPTrackReception(
        assembler: RTPUnitAssembler(
          track: track, format: payload.format, origin: publication.origin, epoch: publication.epoch, reorder: plan.reorders,
          idsMarkStarts: plan.trustsUnitIDs && payload.unitIDExtension != nil, audioIsKey: keyTrack == nil),
        payload: payload, reorders: plan.reorders)
    }
  }

  /// The key unit's offset counts from the first byte of this batch's packets, and is below zero for one that began earlier.
  public mutating func removeBatch(packetBytes: Int) -> IntakeBatch {
    let offset = keyStart.map { Int(truncatingIfNeeded: $0 &- posted) }
    keyStart = nil
    let edits = packetRepairs.removeEdits(from: posted)
    posted &+= Int64(packetBytes)
    var completed: [AccessUnit] = []
    swap(&completed, &units)
    return IntakeBatch(units: completed, keyUnitOffset: offset, edits: edits)
  }

  /// In-band parameters, sender reports and transit times since the last call.
  public mutating func removeNews() -> IntakeNews? {
    guard parametersChanged || !senderClocks.isEmpty || !transits.isEmpty || !packetRepairs.clocks.isEmpty else { return nil }
    defer {
      parametersChanged = false
      senderClocks = []
      transits = []
    }
    return IntakeNews(
      tracks: parametersChanged ? tracks : nil, senderClocks: senderClocks, transits: transits, clockRepairs: packetRepairs.removeClocks())
  }

  /// Clocks, padding and start codes of all tracks, and what lay between frames.
  public var repairs: MediaRepairs {
    var all = MediaRepairs()
    all.clockJumps = packetRepairs.clockCount
    (all.strayRuns, all.strayBytes) = stray
    for reception in receptions {
      all.wrongPaddings &+= reception.wrongPaddings
      all.startCodes &+= reception.assembler.counters.startCodes
    }
    return all
  }

  /// Bytes between two frames of the publisher belong to no frame, and are left out.
  public mutating func noteStray(bytes: Int) {
    stray.runs &+= 1
    stray.bytes &+= UInt64(max(0, bytes))
  }

  /// Completes the open unit of each track, damaged if packets of it are missing.
  public mutating func flush(_ meter: inout SessionMeter) {
    for index in receptions.indices {
      receptions[index].flush(numbering: &numbering, into: &units, &meter)
      transits += receptions[index].removeTransits()
    }
  }

  // MARK: Packets

  /// Receives one RTP packet. `offset` is where its frame will stand in the bytes of this read's batch.
  /// - Returns: whether it belongs to the stream and is to be forwarded.
  public mutating func rtp(_ packet: UnsafeRawBufferPointer, track index: Int, at offset: Int, arrival: BootTime, _ meter: inout SessionMeter) -> Bool
  {
    guard index < receptions.count else { return false }
    if receptions[index].receiveContinuation(packet, arrival: arrival, &meter) { return true }
    guard let header = RTPHeader(packet) else { return false }
    let role = receptions[index].receive(
      header, packet, at: posted &+ Int64(offset), arrival: arrival, trustsUnitIDs: plan.trustsUnitIDs, numbering: &numbering, into: &units,
      repairs: &packetRepairs, &meter)
    guard let role else { return false }
    if !receptions[index].transits.isEmpty { transits += receptions[index].removeTransits() }
    if role.contains(.key), index == keyTrack, let start = receptions[index].removeKeyStart() {
      (keyStart, keyTime) = (start, header.timestamp)
    }
    if role.contains(.parametersChanged) { parametersChanged = true }
    return true
  }

  /// The packet that was received last stands at another place of this read's bytes: before those that came first but belong behind it.
  /// - Parameter timestamp: the packet's. A unit that begins at the place begins with this packet if it is the unit's own, else behind it.
  public mutating func moved(from end: Int, to place: Int, by length: Int, track moved: Int, timestamp: UInt32) {
    guard place < end else { return }
    let (from, to) = (posted &+ Int64(end), posted &+ Int64(place))
    for index in receptions.indices {
      let isOwn = index == moved && receptions[index].unitTime == timestamp
      let start = receptions[index].unitStart
      receptions[index].unitStart = RTPReception.place(of: start, from, to, length, isOwn: isOwn)
    }
    packetRepairs.moved { RTPReception.place(of: $0, from, to, length, isOwn: false) }
    if let start = keyStart { keyStart = RTPReception.place(of: start, from, to, length, isOwn: moved == keyTrack && keyTime == timestamp) }
  }

  /// Where a unit's start lies after a packet has moved.
  private static func place(of start: Int64, _ from: Int64, _ to: Int64, _ length: Int, isOwn: Bool) -> Int64 {
    if start == from { return to }
    return start > to || (start == to && !isOwn) ? start &+ Int64(length) : start
  }

  /// Receives one RTCP compound packet.
  public mutating func rtcp(_ packet: UnsafeRawBufferPointer, track index: Int, arrival: BootTime) {
    guard index < receptions.count else { return }
    for part in RTCPPacket.parseCompound(packet) {
      switch part {
      case .senderReport(let report):
        let timestamp = receptions[index].note(report, arrival: arrival)
        guard !report.ntp.isUnknown else { continue }
        senderClocks.append(
          IntakeNews.SenderClock(track: UInt8(truncatingIfNeeded: index), wall: report.ntp.wallTime, rtpTimestamp: timestamp))
      case .goodbye(let sources, _): receptions[index].note(goodbyeOf: sources, arrival: arrival)
      default: break
      }
    }
  }

  // MARK: Liveness

  /// Whether there is a video track.
  public var hasVideo: Bool { keyTrack != nil }

  /// When the newest picture was complete, whichever video track it is of; nil before the first.
  public var lastPicture: BootTime? { receptions.lazy.filter { $0.isVideo }.compactMap(\.lastUnit).max() }

  /// Whether the publisher has said goodbye in RTCP and sends no more: on each of its video tracks, or on each track where it has no video.
  public func hasLeft(at now: BootTime) -> Bool {
    let watched = receptions.filter { $0.isVideo || keyTrack == nil }
    return !watched.isEmpty && watched.allSatisfy { $0.hasLeft(at: now) }
  }

  // MARK: Reports

  /// The source that a track's packets come from; nil before the first.
  public func ssrc(track index: Int) -> UInt32? { index < receptions.count ? receptions[index].ssrc : nil }

  /// The block of our next receiver report about a track (RFC 3550 §6.4.1); nil before its first packet.
  public func reportBlock(_ counts: Measure.ReportBlock, track index: Int, at now: BootTime) -> Wire.ReportBlock? {
    index < receptions.count ? receptions[index].reportBlock(counts, at: now) : nil
  }
}

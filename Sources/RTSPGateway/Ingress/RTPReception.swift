internal import Measure
internal import Model
internal import Wire

/// A publication's packets on their way to units: counts them, assembles them, finds key units. A value without I/O; a read works on it as
/// one exclusive access, which is what a packet's cost is made of.
struct RTPReception {
  private(set) var tracks: [RTPIntake]
  private let keyTrack: Int?
  private let trustsUnitIDs: Bool
  private var numbering: UInt64 = 0
  private var units: [AccessUnit] = []
  /// Bytes of packets posted so far, and where in all of them the newest key unit begins, when that is news.
  private var posted: Int64 = 0
  private var keyStart: Int64?
  private(set) var parametersChanged = false
  /// Sender reports that came and were not told yet.
  private(set) var reports: [(track: UInt8, report: SenderReport)] = []
  /// Key units that came whole from one of our nodes, with when they left there, and were not told yet.
  private(set) var transits: [Transit] = []
  /// Set when the publisher said goodbye in RTCP.
  private(set) var saidGoodbye = false

  init(_ plan: IngressPlan, origin: UnitOrigin, epoch: UInt64) {
    keyTrack = plan.tracks.firstIndex { $0.codec.isVideo }
    trustsUnitIDs = plan.trustsUnitIDs
    let audioOnly = keyTrack == nil
    tracks = zip(plan.tracks, plan.payloads).map { track, payload in
      RTPIntake(
        assembler: RTPUnitAssembler(
          track: track, format: payload.format, origin: origin, epoch: epoch, reorder: plan.usesDatagrams,
          startsAreTold: plan.trustsUnitIDs && payload.unitIDExtension != nil, audioIsKey: audioOnly),
        payload: payload)
    }
  }

  // MARK: Packets

  /// Takes one RTP packet. `offset` is where its frame will stand in the bytes of this read's batch.
  /// - Returns: whether it belongs to the stream and is to be forwarded.
  mutating func rtp(_ packet: UnsafeRawBufferPointer, track index: Int, at offset: Int, arrival: BootTime, _ meter: inout SessionMeter) -> Bool {
    guard index < tracks.count else { return false }
    if tracks[index].takeContinuation(packet, arrival: arrival, &meter) { return true }
    guard let header = RTPHeader(packet) else { return false }
    let role = tracks[index].receive(
      header, packet, at: posted &+ Int64(offset), arrival: arrival, trustsUnitIDs: trustsUnitIDs, numbering: &numbering, into: &units,
      &meter)
    guard let role else { return false }
    if !tracks[index].transits.isEmpty { transits += tracks[index].takeTransits() }
    if role.contains(.key), index == keyTrack, let start = tracks[index].takeKeyStart() { keyStart = start }
    if role.contains(.parametersChanged) { parametersChanged = true }
    return true
  }

  /// The packet that was taken last stands at another place of this read's bytes: before those that came first but belong behind it.
  mutating func moved(from end: Int, to place: Int, by length: Int, track moved: Int) {
    guard place < end else { return }
    let (from, to) = (posted &+ Int64(end), posted &+ Int64(place))
    for index in tracks.indices {
      if index == moved, tracks[index].unitStart == from {
        tracks[index].unitStart = to
      } else if tracks[index].unitStart > to || (index != moved && tracks[index].unitStart == to) {
        tracks[index].unitStart &+= Int64(length)
      }
    }
    if let start = keyStart { keyStart = start == from ? to : start > to ? start &+ Int64(length) : start }
  }

  /// Takes one RTCP compound.
  mutating func rtcp(_ packet: UnsafeRawBufferPointer, track index: Int, arrival: BootTime) {
    guard index < tracks.count else { return }
    for part in RTCPPacket.parseCompound(packet) {
      switch part {
      case .senderReport(let report):
        tracks[index].note(report, arrival: arrival)
        if !report.ntp.isUnknown { reports.append((UInt8(truncatingIfNeeded: index), report)) }
      case .goodbye: saidGoodbye = true
      default: break
      }
    }
  }

  /// Nothing more will come: completes what was open.
  mutating func flush(_ meter: inout SessionMeter) {
    for index in tracks.indices {
      tracks[index].flush(numbering: &numbering, into: &units, &meter)
      transits += tracks[index].takeTransits()
    }
  }

  // MARK: Batches

  /// What this read completed, and where in its packets, `count` bytes, the newest key unit begins, when that is news.
  mutating func takeBatch(of count: Int) -> (units: [AccessUnit], keyOffset: Int?) {
    let offset = keyStart.map { Int(truncatingIfNeeded: $0 &- posted) }
    keyStart = nil
    posted &+= Int64(count)
    var completed: [AccessUnit] = []
    swap(&completed, &units)
    return (completed, offset)
  }

  mutating func takeTransits() -> [Transit] {
    defer { transits = [] }
    return transits
  }

  mutating func takeReports() -> [(track: UInt8, report: SenderReport)] {
    defer { reports = [] }
    return reports
  }

  /// The tracks as they are now, parameters included.
  mutating func takeParameters() -> [Track] {
    parametersChanged = false
    return tracks.map(\.assembler.track)
  }
}

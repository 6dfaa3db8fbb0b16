public import Model

/// Measures one stream's session over one hop while it runs: the gateway calls it on the stream's loop, per packet, per unit and once a second.
///
/// It turns what it sees into sample records and computes every figure from these records (``SessionFigures``), so that a sample file gives the
/// same figures again. A value type: copy it on the loop and read its figures anywhere.
public struct SessionMeter: Sendable {
  /// A round trip older than this is not repeated in second samples.
  static let roundTripLife = Nanoseconds.seconds(30)
  static let mostTracks = 16

  /// What the records made so far say.
  public private(set) var figures: SessionFigures
  private var meters: [RTPReceptionMeter]
  private var health = ObserverHealth()
  private var roundTrip: (value: Nanoseconds, at: BootTime)?
  private var receiveBufferErrors: Int64
  private var keepsRecords: Bool
  private var records: [SampleRecord] = []

  /// - Parameters:
  ///   - receiveBufferErrors: the cumulative count at the session's start, from which its windows count.
  ///   - keepsRecords: whether ``removeRecords()`` is called; without it they are not kept.
  public init(header: SampleHeader, receiveBufferErrors: Int64 = 0, keepsRecords: Bool = true) {
    figures = SessionFigures(header: header)
    self.receiveBufferErrors = receiveBufferErrors
    self.keepsRecords = keepsRecords
    let count = min(SessionMeter.mostTracks, Int(header.tracks.map(\.index).max() ?? 0) + 1)
    meters = (0..<count).map { position in
      let track = header.tracks.first { Int($0.index) == position }
      return RTPReceptionMeter(track: UInt8(position), clockRate: track?.clockRate ?? 90_000)
    }
    _ = second(at: header.started)
  }

  /// One that counts nothing.
  public static func idle(header: SampleHeader) -> SessionMeter {
    var idle = SessionMeter(header: header, keepsRecords: false)
    _ = idle.close(at: header.started)
    idle.meters = []
    return idle
  }

  /// What the samples are of.
  public var header: SampleHeader { figures.header }

  /// A received RTP packet; see ``RTPReceptionMeter/packet(sequenceNumber:timestamp:arrival:bytes:)``.
  public mutating func packet(track: UInt8, sequenceNumber: UInt16, timestamp: UInt32, arrival: BootTime, bytes: Int) {
    guard Int(track) < meters.count else { return }
    meters[Int(track)].packet(sequenceNumber: sequenceNumber, timestamp: timestamp, arrival: arrival, bytes: bytes)
  }

  /// Bytes of a protocol without packets (RTMP).
  public mutating func bytes(_ count: Int, track: UInt8) {
    guard Int(track) < meters.count else { return }
    meters[Int(track)].bytes(count)
  }

  /// The track's sender has a new SSRC.
  public mutating func restart(track: UInt8) {
    guard Int(track) < meters.count else { return }
    meters[Int(track)].restart()
  }

  /// How long a packet lay in the kernel; over TCP how late its loop was, at instants spread evenly.
  public mutating func read(lag: Nanoseconds) { health.read(lag: lag) }

  /// A measured round trip, by the header's method.
  public mutating func roundTrip(_ value: Nanoseconds, at now: BootTime) { roundTrip = (value, now) }

  /// A completed unit, in decode order.
  /// - Parameter packets: that carried it; 0 where the protocol has none.
  public mutating func unit(_ unit: AccessUnit, packets: Int = 0) { frame(FrameSample(unit, packets: packets)) }

  /// A completed unit as a sample, in decode order.
  public mutating func frame(_ sample: FrameSample) { _ = put(.frame(sample)) }

  /// A track's picture size or nominal rate became known or changed; nil is unknown. The registered profile's rate goes before the SPS's.
  public mutating func trackFormat(_ track: UInt8, width: Int?, height: Int?, nominalFrameRateMilli: Int?, at now: BootTime) {
    _ = put(
      .event(
        SampleEvent(
          at: now, kind: .trackFormat, track: track, value1: Int64(width ?? 0), value2: Int64(height ?? 0),
          value3: Int64(nominalFrameRateMilli ?? 0))))
  }

  /// A key unit came whole from one of our nodes.
  /// - Parameters:
  ///   - sent: the instant before its first write, on the sender's clock.
  ///   - arrived: when its last packet came.
  public mutating func transit(track: UInt8, sent: BootTime, clock: ClockDistance, arrived: BootTime) {
    _ = put(
      .event(
        SampleEvent(at: arrived, kind: .transit, track: track, value1: sent.nanoseconds, value2: clock.low, value3: clock.high)))
  }

  /// What the probes of picture and sound saw: events of the kinds probe, look and sound, in the order in which they were concluded.
  public mutating func probed(_ events: [SampleEvent]) {
    for event in events {
      switch event.kind {
      case .probe, .look, .sound: _ = put(.event(event))
      case .trackFormat, .clockStep, .closed, .transit: break
      }
    }
  }

  /// Once a second.
  /// - Parameter receiveBufferErrors: cumulative; nil where the method has no UDP socket.
  /// - Returns: the 60 s window that ended with this second: a `quality.window` fact is due.
  public mutating func tick(at now: BootTime, receiveBufferErrors errors: Int64? = nil, cpuPressurePPM: Int64? = nil) -> QualityWindow? {
    if let errors { receiveBufferErrors = errors }
    return second(at: now, cpuPressurePPM: cpuPressurePPM)
  }

  /// The wall clock was stepped: the kernel's stamps before and after do not compare, so the window ends here.
  public mutating func clockStepped(by step: Nanoseconds, at now: BootTime) -> [QualityWindow] {
    [second(at: now), put(.event(SampleEvent(at: now, kind: .clockStep, value1: step.value)))].compactMap { $0 }
  }

  /// The session's end: BYE, TEARDOWN, disconnect, or 2 s after the last packet. The last windows, the very last usually shorter than 60 s.
  public mutating func close(at now: BootTime) -> [QualityWindow] {
    for index in meters.indices { meters[index].finish() }
    return [second(at: now), put(.event(SampleEvent(at: now, kind: .closed)))].compactMap { $0 }
  }

  /// The report block for the track's sender, and from here on the fraction of the next one.
  public mutating func reportBlock(track: UInt8) -> ReportBlock? {
    guard Int(track) < meters.count else { return nil }
    return meters[Int(track)].reportBlock()
  }

  /// Records made since the last call, in order: what goes into the sample file.
  public mutating func removeRecords() -> [SampleRecord] {
    guard !records.isEmpty else { return [] }
    var removed: [SampleRecord] = []
    removed.reserveCapacity(records.count + 16)
    swap(&removed, &records)
    return removed
  }

  /// `quality.inbound` at an instant: cumulative for the session, with the last 60 s.
  public func inbound(at now: BootTime) -> InboundQuality {
    var copy = self
    copy.keepsRecords = false
    _ = copy.second(at: now)
    return InboundQuality(copy.figures)
  }

  private mutating func second(at now: BootTime, cpuPressurePPM: Int64? = nil) -> QualityWindow? {
    var trip = roundTrip
    if let known = trip, now - known.at > SessionMeter.roundTripLife { trip = nil }
    var observer = health.removeSecond()
    observer.receiveBufferErrors = receiveBufferErrors
    observer.cpuPressurePPM = cpuPressurePPM
    var tracks: [TrackCounters] = []
    tracks.reserveCapacity(meters.count)
    for index in meters.indices { tracks.append(meters[index].sample()) }
    return put(.second(SecondSample(at: now, tracks: tracks, roundTripNs: trip?.value.value, observer: observer)))
  }

  private mutating func put(_ record: SampleRecord) -> QualityWindow? {
    guard !figures.isClosed else { return nil }
    if keepsRecords { records.append(record) }
    return figures.apply(record)
  }
}

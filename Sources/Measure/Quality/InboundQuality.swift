public import Model

/// `quality.inbound` of a stream: cumulative for the session, with the last 60 s. For display; the names are a contract.
///
/// Figures that the method cannot give are null, never left out.
public struct InboundQuality: Hashable, Sendable, Codable {
  /// Which rules of arrival and loss hold.
  public var method: MeasuringMethod
  /// Which stretch of the way.
  public var hop: Hop
  /// Names the sample file.
  public var session: String
  /// Sequence numbers from the lowest to the highest.
  public var packetsExpected: Int64
  /// Different ones that came.
  public var packetsReceived: Int64
  /// Expected less received, after repair.
  public var packetsLost: Int64
  /// Came again.
  public var packetsDuplicated: Int64
  /// Null over TCP.
  public var packetsReordered: Int64?
  /// Came 1024 or more behind.
  public var packetsLate: Int64
  /// RFC 3550 interarrival jitter now; null without packets.
  public var jitterMilliseconds: Double?
  /// The newest; null while none was measured.
  public var roundTripMilliseconds: Double?
  /// How it was measured: `rtcp-rr`, `tcp-info`, …
  public var roundTripMethod: String?
  /// Of all tracks, with headers.
  public var bytesReceived: Int64
  /// Null while the nominal frame rate is unknown.
  public var framesExpected: Int64?
  /// Of the picture track; of the audio track where there is no picture. The same below.
  public var framesReceived: Int64
  /// Whole, with all they refer to.
  public var framesClean: Int64
  /// How often the picture stood; one that still stands counts.
  public var freezeCount: Int64
  /// For how long in all.
  public var freezeSeconds: Double
  /// For how long at most.
  public var longestFreezeSeconds: Double
  /// Times of more than 5 s without a picture.
  public var pauseCount: Int64
  /// How often a sender began to count anew.
  public var sequenceRestarts: Int64
  /// The last 60 s; null in the first moment of a session.
  public var window: WindowQuality?

  /// What a session's samples say so far.
  public init(_ figures: SessionFigures) {
    let second = figures.newest
    let frames = figures.frames
    let isPacketised = second.tracks.contains { $0.packetsExpected > 0 }
    let primary = second.tracks.first { $0.track == figures.primary?.index }
    let open = frames.playout.openFreeze(at: second.at).map { $0.to - $0.from } ?? .zero
    method = figures.header.method
    hop = figures.header.hop
    session = figures.header.session
    packetsExpected = second.tracks.reduce(0) { $0 &+ $1.packetsExpected }
    packetsReceived = second.tracks.reduce(0) { $0 &+ $1.packetsReceived }
    packetsLost = packetsExpected &- packetsReceived
    packetsDuplicated = second.tracks.reduce(0) { $0 &+ $1.packetsDuplicated }
    packetsReordered = method == .tcp ? nil : second.tracks.reduce(0) { $0 &+ $1.packetsReordered }
    packetsLate = second.tracks.reduce(0) { $0 &+ $1.packetsLate }
    jitterMilliseconds = isPacketised ? primary.map { Rounding.milliseconds(Nanoseconds($0.jitterNs)) } : nil
    roundTripMilliseconds = second.roundTripNs.map { Rounding.milliseconds(Nanoseconds($0)) }
    roundTripMethod = figures.header.roundTripMethod
    bytesReceived = second.tracks.reduce(0) { $0 &+ $1.bytesReceived }
    framesExpected = frames.framesExpected(before: second.at)
    framesReceived = frames.totals.received
    framesClean = frames.totals.clean
    freezeCount = frames.playout.freezes + (open > .zero ? 1 : 0)
    freezeSeconds = Rounding.seconds(frames.playout.frozen + open)
    longestFreezeSeconds = Rounding.seconds(max(frames.playout.longestFreeze, open))
    pauseCount = frames.playout.pauses + (open > PlayoutClock.pause ? 1 : 0)
    sequenceRestarts = second.tracks.reduce(0) { $0 &+ $1.restarts }
    window = figures.lastWindow.map { WindowQuality($0) }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(hop, forKey: .hop)
    try container.encode(session, forKey: .session)
    try container.encode(packetsExpected, forKey: .packetsExpected)
    try container.encode(packetsReceived, forKey: .packetsReceived)
    try container.encode(packetsLost, forKey: .packetsLost)
    try container.encode(packetsDuplicated, forKey: .packetsDuplicated)
    try container.encode(packetsReordered, forKey: .packetsReordered)
    try container.encode(packetsLate, forKey: .packetsLate)
    try container.encode(jitterMilliseconds, forKey: .jitterMilliseconds)
    try container.encode(roundTripMilliseconds, forKey: .roundTripMilliseconds)
    try container.encode(roundTripMethod, forKey: .roundTripMethod)
    try container.encode(bytesReceived, forKey: .bytesReceived)
    try container.encode(framesExpected, forKey: .framesExpected)
    try container.encode(framesReceived, forKey: .framesReceived)
    try container.encode(framesClean, forKey: .framesClean)
    try container.encode(freezeCount, forKey: .freezeCount)
    try container.encode(freezeSeconds, forKey: .freezeSeconds)
    try container.encode(longestFreezeSeconds, forKey: .longestFreezeSeconds)
    try container.encode(pauseCount, forKey: .pauseCount)
    try container.encode(sequenceRestarts, forKey: .sequenceRestarts)
    try container.encode(window, forKey: .window)
  }
}

public import Model

/// The figures of one stream, hop and session over one window: integers only, computed from samples alone, live and again by the same code.
///
/// `docs/quality.md` gives every figure's definition and its name in the `quality.window` fact.
public struct QualityWindow: Hashable, Sendable {
  public var stream: StreamName
  public var hop: Hop
  public var session: String
  public var method: MeasuringMethod
  /// Counted from 0 within the session; −1 for the sliding window of the API.
  public var index: Int64
  public var from: BootTime
  public var to: BootTime

  // Packets of all tracks.
  public var packetsExpected: Int64 = 0
  public var packetsReceived: Int64 = 0
  public var packetsDuplicated: Int64 = 0
  public var packetsReordered: Int64 = 0
  public var packetsLate: Int64 = 0
  public var packetsDiscarded: Int64 = 0
  public var packetsRecovered: Int64 = 0
  public var bytesReceived: Int64 = 0
  public var packetsDecided: Int64 = 0
  public var decidedLost: Int64 = 0
  public var bursts: Int64 = 0
  public var burstPackets: Int64 = 0
  public var burstLost: Int64 = 0
  public var sequenceRestarts: Int64 = 0
  // The picture track's.
  public var jitterMeanNs: Int64?
  public var jitterMaximumNs: Int64?
  public var delayVariation: Quantiles?
  public var roundTrip: Quantiles?
  /// Of the lower and of the upper bounds of key units' one-way delays; the quantiles of the delays lie between them.
  public var oneWayDelayLow: Quantiles?
  public var oneWayDelayHigh: Quantiles?

  // Frames of the picture track (of the audio track where there is no picture).
  public var framesExpected: Int64?
  public var frames = FrameTotals()
  /// Whether a key frame came since the session began: before it nothing can be shown.
  public var hasSeenKey = true
  public var gopFrames: Int64?
  public var longestGOPFrames: Int64?
  /// The furthest that a picture was presented before one sent earlier; 0 without B pictures.
  public var reorderDepthNs: Int64 = 0
  public var freezeCount: Int64 = 0
  public var freezeNs: Int64 = 0
  public var longestFreezeNs: Int64 = 0
  public var pauseCount: Int64 = 0
  /// Frames of the audio track; nil without one.
  public var audioFrames: Int64?

  public var nominalFrameRateMilli: Int64?
  public var width: Int64?
  public var height: Int64?
  /// Probes of picture and sound; nil where nothing was judged.
  public var isBlack: Bool?
  public var isFrozen: Bool?
  public var isSilent: Bool?
  public var blackNs: Int64?
  public var frozenNs: Int64?
  public var silentNs: Int64?
  /// Pictures that were decoded for it, and of them DARK ones: a night scene, which counts.
  public var looks: Int64 = 0
  public var darkLooks: Int64 = 0
  public var soundPeakMilliDecibel: Int64?
  public var observer = ObserverFigures()

  public init(
    stream: StreamName, hop: Hop, session: String, method: MeasuringMethod, index: Int64, from: BootTime, to: BootTime
  ) {
    self.stream = stream
    self.hop = hop
    self.session = session
    self.method = method
    self.index = index
    self.from = from
    self.to = to
  }

  public var span: Nanoseconds { to - from }
  /// After repair; below zero when packets sent before the window arrived in it.
  public var packetsLost: Int64 { packetsExpected &- packetsReceived }
  /// After repair, parts per million; nil where no packets are seen.
  public var residualLossPPM: Int64? { Rounding.millionths(max(0, packetsLost), of: packetsExpected) }
  /// Before repair; nil over TCP, which repairs unseen.
  public var rawLossPPM: Int64? { method == .tcp ? nil : Rounding.millionths(max(0, packetsLost &+ packetsRecovered), of: packetsExpected) }
  /// Losses among the packets of bursts, RFC 3611 §4.7.2; nil without bursts.
  public var burstDensityPPM: Int64? { Rounding.millionths(burstLost, of: burstPackets) }
  public var gapDensityPPM: Int64? { Rounding.millionths(decidedLost &- burstLost, of: packetsDecided &- burstPackets) }
  /// Mean lengths in packets × 1000; there is one gap more than bursts. Nil without bursts, or before anything was decided.
  public var burstMeanMilli: Int64? { bursts > 0 ? Rounding.halfEven(Int128(burstPackets) * 1000, by: Int128(bursts)) : nil }
  public var gapMeanMilli: Int64? {
    packetsDecided > 0 ? Rounding.halfEven(Int128(packetsDecided &- burstPackets) * 1000, by: Int128(bursts &+ 1)) : nil
  }
  /// Frames a second × 1000.
  public var frameRateMilli: Int64? { perSecond(frames.received, scale: 1000) }
  public var cleanFrameRateMilli: Int64? { perSecond(frames.clean, scale: 1000) }
  /// Payload of all tracks, bits a second.
  public var bitsPerSecond: Int64? { perSecond(bytesReceived, scale: 8) }
  /// Clean of expected frames, at most 1.
  public var cleanRatioPPM: Int64? { framesExpected.flatMap { Rounding.millionths(min(frames.clean, $0), of: $0) } }
  public var freezeRatioPPM: Int64? { Rounding.millionths(freezeNs, of: span.value) }

  private func perSecond(_ count: Int64, scale: Int128) -> Int64? {
    guard span > .zero else { return nil }
    return Rounding.halfEven(Int128(count) * scale * 1_000_000_000, by: Int128(span.value))
  }
}

public import Model

/// The figures of one stream, hop and session over one window: integers only, computed from samples alone, live and again by the same code.
///
/// `docs/quality.md` gives every figure's definition and its name in the `quality.window` fact.
public struct QualityWindow: Hashable, Sendable {
  /// As this node knows it.
  public var stream: StreamName
  /// Which stretch of the way.
  public var hop: Hop
  /// Names the sample file.
  public var session: String
  /// Which rules of arrival and loss hold.
  public var method: MeasuringMethod
  /// Counted from 0 within the session; −1 for the sliding window of the API.
  public var index: Int64
  /// The second sample with which it begins.
  public var from: BootTime
  /// The second sample with which it ends.
  public var to: BootTime

  // Packets of all tracks.
  /// ``TrackCounters``'s counters, as differences between the window's ends; the same for those below.
  public var packetsExpected: Int64 = 0
  /// Different sequence numbers that came.
  public var packetsReceived: Int64 = 0
  /// Came again.
  public var packetsDuplicated: Int64 = 0
  /// Came behind a higher one; means nothing over TCP.
  public var packetsReordered: Int64 = 0
  /// Came 1024 or more behind.
  public var packetsLate: Int64 = 0
  /// Far outside the sequence.
  public var packetsDiscarded: Int64 = 0
  /// Lost and repaired.
  public var packetsRecovered: Int64 = 0
  /// With headers.
  public var bytesReceived: Int64 = 0
  /// Packets whose fate became certain.
  public var packetsDecided: Int64 = 0
  /// The lost ones among them.
  public var decidedLost: Int64 = 0
  /// RFC 3611 §4.7.2 with Gmin 16.
  public var bursts: Int64 = 0
  /// Packets inside bursts, lost or not.
  public var burstPackets: Int64 = 0
  /// The lost ones among them.
  public var burstLost: Int64 = 0
  /// How often a sender began to count anew.
  public var sequenceRestarts: Int64 = 0
  // The picture track's.
  /// RFC 3550 jitter after each packet, averaged; nil without packets.
  public var jitterMeanNs: Int64?
  /// The largest of them.
  public var jitterMaximumNs: Int64?
  /// Of frames' first packets against the least delay of the window, in nanoseconds (ITU-T Y.1540 §6.2.4.2).
  public var delayVariation: Quantiles?
  /// Of the seconds' values, in nanoseconds.
  public var roundTrip: Quantiles?
  /// Of the lower and of the upper bounds of key units' one-way delays; the quantiles of the delays lie between them.
  public var oneWayDelayLow: Quantiles?
  /// See ``oneWayDelayLow``.
  public var oneWayDelayHigh: Quantiles?

  // Frames of the picture track (of the audio track where there is no picture).
  /// By the nominal rate; nil while that is unknown.
  public var framesExpected: Int64?
  /// What came, as differences between the window's ends.
  public var frames = FrameTotals()
  /// Whether a key frame came since the session began: before it nothing can be shown.
  public var hasSeenKey = true
  /// The newest distance of two key frames, in frames; nil before the second.
  public var gopFrames: Int64?
  /// The longest in the window.
  public var longestGOPFrames: Int64?
  /// The furthest that a picture was presented before one sent earlier; 0 without B pictures.
  public var reorderDepthNs: Int64 = 0
  /// Times in which the picture stood, that ended in the window or are open at its end.
  public var freezeCount: Int64 = 0
  /// For how long in all.
  public var freezeNs: Int64 = 0
  /// For how long at most.
  public var longestFreezeNs: Int64 = 0
  /// Times of more than 5 s without a picture.
  public var pauseCount: Int64 = 0
  /// Frames of the audio track; nil without one.
  public var audioFrames: Int64?

  /// Frames a second × 1000 that somebody declares.
  public var nominalFrameRateMilli: Int64?
  /// Pixels; nil while unknown.
  public var width: Int64?
  /// Pixels; nil while unknown.
  public var height: Int64?
  /// Probes of picture and sound; nil where nothing was judged.
  public var isBlack: Bool?
  /// See ``isBlack``.
  public var isFrozen: Bool?
  /// See ``isBlack``.
  public var isSilent: Bool?
  /// Time of the window in which it was so; nil where nothing was judged.
  public var blackNs: Int64?
  /// See ``blackNs``.
  public var frozenNs: Int64?
  /// See ``blackNs``.
  public var silentNs: Int64?
  /// Pictures that were decoded for it, and of them DARK ones: a night scene, which counts.
  public var looks: Int64 = 0
  /// See ``looks``.
  public var darkLooks: Int64 = 0
  /// Thousandths of a dBFS; nil without sound.
  public var soundPeakMilliDecibel: Int64?
  /// How well we were measuring.
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

  /// The window's length.
  public var span: Nanoseconds { to - from }
  /// After repair; below zero when packets sent before the window arrived in it.
  public var packetsLost: Int64 { packetsExpected &- packetsReceived }
  /// After repair, parts per million; nil where no packets are seen.
  public var residualLossPPM: Int64? { Rounding.millionths(max(0, packetsLost), of: packetsExpected) }
  /// Before repair; nil over TCP, which repairs unseen.
  public var rawLossPPM: Int64? { method == .tcp ? nil : Rounding.millionths(max(0, packetsLost &+ packetsRecovered), of: packetsExpected) }
  /// Losses among the packets of bursts, RFC 3611 §4.7.2; nil without bursts.
  public var burstDensityPPM: Int64? { Rounding.millionths(burstLost, of: burstPackets) }
  /// Losses among the packets between bursts; nil before anything was decided.
  public var gapDensityPPM: Int64? { Rounding.millionths(decidedLost &- burstLost, of: packetsDecided &- burstPackets) }
  /// Mean lengths in packets × 1000; there is one gap more than bursts. Nil without bursts, or before anything was decided.
  public var burstMeanMilli: Int64? { bursts > 0 ? Rounding.halfEven(Int128(burstPackets) * 1000, by: Int128(bursts)) : nil }
  /// See ``burstMeanMilli``.
  public var gapMeanMilli: Int64? {
    packetsDecided > 0 ? Rounding.halfEven(Int128(packetsDecided &- burstPackets) * 1000, by: Int128(bursts &+ 1)) : nil
  }
  /// Frames a second × 1000.
  public var frameRateMilli: Int64? { perSecond(frames.received, scale: 1000) }
  /// Clean frames a second × 1000.
  public var cleanFrameRateMilli: Int64? { perSecond(frames.clean, scale: 1000) }
  /// Payload of all tracks, bits a second.
  public var bitsPerSecond: Int64? { perSecond(bytesReceived, scale: 8) }
  /// Clean of expected frames, at most 1.
  public var cleanRatioPPM: Int64? { framesExpected.flatMap { Rounding.millionths(min(frames.clean, $0), of: $0) } }
  /// Share of the window in which the picture stood, in millionths.
  public var freezeRatioPPM: Int64? { Rounding.millionths(freezeNs, of: span.value) }

  private func perSecond(_ count: Int64, scale: Int128) -> Int64? {
    guard span > .zero else { return nil }
    return Rounding.halfEven(Int128(count) * scale * 1_000_000_000, by: Int128(span.value))
  }
}

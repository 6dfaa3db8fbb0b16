internal import Model

/// A ``QualityWindow`` for display: milliseconds, seconds and ratios with six digits. Unknown figures are null.
public struct WindowQuality: Hashable, Sendable, Codable {
  /// The window's length.
  public var seconds: Double
  /// Of all tracks, by sequence numbers.
  public var packetsExpected: Int64
  /// After repair.
  public var packetsLost: Int64
  /// Came again.
  public var packetsDuplicated: Int64
  /// Null over TCP.
  public var packetsReordered: Int64?
  /// Losses before and after repair, as ratios.
  public var rawLossRatio: Double?
  /// See ``rawLossRatio``.
  public var residualLossRatio: Double?
  /// RFC 3611 §4.7.2 with Gmin 16.
  public var burstCount: Int64
  /// Share of packets lost inside bursts.
  public var burstDensity: Double?
  /// Share of packets lost between bursts.
  public var gapDensity: Double?
  /// Mean lengths in packets; there is one gap more than bursts.
  public var burstMeanPackets: Double?
  /// See ``burstMeanPackets``.
  public var gapMeanPackets: Double?
  /// RFC 3550 jitter after each packet, averaged.
  public var jitterMeanMilliseconds: Double?
  /// The largest of them.
  public var jitterMaximumMilliseconds: Double?
  /// Over TCP for information only: the read's time is not the packet's.
  public var pdvMilliseconds: DelayQuantiles?
  /// Of the seconds' values.
  public var roundTripMilliseconds: DelayQuantiles?
  /// Bounds of key units' one-way delay between our own nodes.
  public var oneWayDelayLowMilliseconds: DelayQuantiles?
  /// See ``oneWayDelayLowMilliseconds``.
  public var oneWayDelayHighMilliseconds: DelayQuantiles?
  /// By the nominal rate; null while that is unknown.
  public var framesExpected: Int64?
  /// Of the picture track; of the audio track where there is no picture. The same below.
  public var framesReceived: Int64
  /// Whole, with all they refer to.
  public var framesClean: Int64
  /// Received.
  public var framesPerSecond: Double?
  /// Clean.
  public var cleanFramesPerSecond: Double?
  /// Clean of expected frames, at most 1.
  public var cleanRatio: Double?
  /// In the window.
  public var keyFrames: Int64
  /// The newest distance of two key frames, in frames; null before the second.
  public var gopFrames: Int64?
  /// The longest in the window.
  public var longestGOPFrames: Int64?
  /// As the device's profile, the publisher or the SPS declares.
  public var nominalFramesPerSecond: Double?
  /// Of all tracks.
  public var bitsPerSecond: Int64?
  /// Pixels.
  public var width: Int64?
  /// Pixels.
  public var height: Int64?
  /// Times in which the picture stood, that ended in the window or are open at its end.
  public var freezeCount: Int64
  /// For how long in all.
  public var freezeSeconds: Double
  /// The same of the window's length.
  public var freezeRatio: Double?
  /// For how long at most.
  public var longestFreezeSeconds: Double
  /// Times of more than 5 s without a picture.
  public var pauseCount: Int64
  /// Null without an audio track.
  public var audioFrames: Int64?
  /// Null where no probe judged; DARK is a night scene, which counts.
  public var black: Bool?
  /// See ``black``.
  public var dark: Bool?
  /// See ``black``.
  public var frozen: Bool?
  /// See ``black``.
  public var silent: Bool?
  /// Of the window; null where nothing was judged.
  public var blackSeconds: Double?
  /// Of the window; null where nothing was judged.
  public var frozenSeconds: Double?
  /// Of the window; null where nothing was judged.
  public var silentSeconds: Double?
  /// dBFS.
  public var soundPeakDecibel: Double?
  /// TR 101 290 priority 1; null, for no ingest carries MPEG-TS yet.
  public var transportPriority1Errors: Int64?
  /// How long packets waited for us; the worst second's 99th percentile.
  public var observerLagP99Milliseconds: Double?
  /// Datagrams that found the socket's buffer full.
  public var observerReceiveBufferErrors: Int64
  /// Share of time in which something waited for a CPU; null where the kernel has none.
  public var observerCPUPressure: Double?
  /// 观测受限: the machine, not the link, may have made these figures.
  public var observerLimited: Bool

  /// Rounds for display; nothing is computed from what it gives.
  public init(_ window: QualityWindow) {
    seconds = Rounding.seconds(window.span)
    packetsExpected = window.packetsExpected
    packetsLost = window.packetsLost
    packetsDuplicated = window.packetsDuplicated
    packetsReordered = window.method == .tcp ? nil : window.packetsReordered
    rawLossRatio = window.rawLossPPM.map(Rounding.ratio(ppm:))
    residualLossRatio = window.residualLossPPM.map(Rounding.ratio(ppm:))
    burstCount = window.bursts
    burstDensity = window.burstDensityPPM.map(Rounding.ratio(ppm:))
    gapDensity = window.gapDensityPPM.map(Rounding.ratio(ppm:))
    burstMeanPackets = window.burstMeanMilli.map { Double($0) / 1000 }
    gapMeanPackets = window.gapMeanMilli.map { Double($0) / 1000 }
    jitterMeanMilliseconds = window.jitterMeanNs.map { Rounding.milliseconds(Nanoseconds($0)) }
    jitterMaximumMilliseconds = window.jitterMaximumNs.map { Rounding.milliseconds(Nanoseconds($0)) }
    pdvMilliseconds = window.delayVariation.map { DelayQuantiles($0) }
    roundTripMilliseconds = window.roundTrip.map { DelayQuantiles($0) }
    oneWayDelayLowMilliseconds = window.oneWayDelayLow.map { DelayQuantiles($0) }
    oneWayDelayHighMilliseconds = window.oneWayDelayHigh.map { DelayQuantiles($0) }
    framesExpected = window.framesExpected
    framesReceived = window.frames.received
    framesClean = window.frames.clean
    framesPerSecond = window.frameRateMilli.map { Double($0) / 1000 }
    cleanFramesPerSecond = window.cleanFrameRateMilli.map { Double($0) / 1000 }
    cleanRatio = window.cleanRatioPPM.map(Rounding.ratio(ppm:))
    keyFrames = window.frames.keys
    gopFrames = window.gopFrames
    longestGOPFrames = window.longestGOPFrames
    nominalFramesPerSecond = window.nominalFrameRateMilli.map { Double($0) / 1000 }
    bitsPerSecond = window.bitsPerSecond
    width = window.width
    height = window.height
    freezeCount = window.freezeCount
    freezeSeconds = Rounding.seconds(Nanoseconds(window.freezeNs))
    freezeRatio = window.freezeRatioPPM.map(Rounding.ratio(ppm:))
    longestFreezeSeconds = Rounding.seconds(Nanoseconds(window.longestFreezeNs))
    pauseCount = window.pauseCount
    audioFrames = window.audioFrames
    black = window.isBlack
    dark = window.looks > 0 ? window.darkLooks > 0 : nil
    frozen = window.isFrozen
    silent = window.isSilent
    blackSeconds = window.blackNs.map { Rounding.seconds(Nanoseconds($0)) }
    frozenSeconds = window.frozenNs.map { Rounding.seconds(Nanoseconds($0)) }
    silentSeconds = window.silentNs.map { Rounding.seconds(Nanoseconds($0)) }
    soundPeakDecibel = window.soundPeakMilliDecibel.map { Double($0) / 1000 }
    observerLagP99Milliseconds = window.observer.probeLagP99Ns.map { Rounding.milliseconds(Nanoseconds($0)) }
    observerReceiveBufferErrors = window.observer.receiveBufferErrors
    observerCPUPressure = window.observer.cpuPressurePPM.map(Rounding.ratio(ppm:))
    observerLimited = window.observer.isLimited
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(packetsExpected, forKey: .packetsExpected)
    try container.encode(packetsLost, forKey: .packetsLost)
    try container.encode(packetsDuplicated, forKey: .packetsDuplicated)
    try container.encode(packetsReordered, forKey: .packetsReordered)
    try container.encode(rawLossRatio, forKey: .rawLossRatio)
    try container.encode(residualLossRatio, forKey: .residualLossRatio)
    try container.encode(burstCount, forKey: .burstCount)
    try container.encode(burstDensity, forKey: .burstDensity)
    try container.encode(gapDensity, forKey: .gapDensity)
    try container.encode(burstMeanPackets, forKey: .burstMeanPackets)
    try container.encode(gapMeanPackets, forKey: .gapMeanPackets)
    try container.encode(jitterMeanMilliseconds, forKey: .jitterMeanMilliseconds)
    try container.encode(jitterMaximumMilliseconds, forKey: .jitterMaximumMilliseconds)
    try container.encode(pdvMilliseconds, forKey: .pdvMilliseconds)
    try container.encode(roundTripMilliseconds, forKey: .roundTripMilliseconds)
    try container.encode(oneWayDelayLowMilliseconds, forKey: .oneWayDelayLowMilliseconds)
    try container.encode(oneWayDelayHighMilliseconds, forKey: .oneWayDelayHighMilliseconds)
    try container.encode(framesExpected, forKey: .framesExpected)
    try container.encode(framesReceived, forKey: .framesReceived)
    try container.encode(framesClean, forKey: .framesClean)
    try container.encode(framesPerSecond, forKey: .framesPerSecond)
    try container.encode(cleanFramesPerSecond, forKey: .cleanFramesPerSecond)
    try container.encode(cleanRatio, forKey: .cleanRatio)
    try container.encode(keyFrames, forKey: .keyFrames)
    try container.encode(gopFrames, forKey: .gopFrames)
    try container.encode(longestGOPFrames, forKey: .longestGOPFrames)
    try container.encode(nominalFramesPerSecond, forKey: .nominalFramesPerSecond)
    try container.encode(bitsPerSecond, forKey: .bitsPerSecond)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(freezeCount, forKey: .freezeCount)
    try container.encode(freezeSeconds, forKey: .freezeSeconds)
    try container.encode(freezeRatio, forKey: .freezeRatio)
    try container.encode(longestFreezeSeconds, forKey: .longestFreezeSeconds)
    try container.encode(pauseCount, forKey: .pauseCount)
    try container.encode(audioFrames, forKey: .audioFrames)
    try container.encode(black, forKey: .black)
    try container.encode(dark, forKey: .dark)
    try container.encode(frozen, forKey: .frozen)
    try container.encode(silent, forKey: .silent)
    try container.encode(blackSeconds, forKey: .blackSeconds)
    try container.encode(frozenSeconds, forKey: .frozenSeconds)
    try container.encode(silentSeconds, forKey: .silentSeconds)
    try container.encode(soundPeakDecibel, forKey: .soundPeakDecibel)
    try container.encode(transportPriority1Errors, forKey: .transportPriority1Errors)
    try container.encode(observerLagP99Milliseconds, forKey: .observerLagP99Milliseconds)
    try container.encode(observerReceiveBufferErrors, forKey: .observerReceiveBufferErrors)
    try container.encode(observerCPUPressure, forKey: .observerCPUPressure)
    try container.encode(observerLimited, forKey: .observerLimited)
  }
}

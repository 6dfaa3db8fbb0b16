public import Model

extension QualityWindow {
  /// The members of the `quality.window` fact that come from the samples: integers and names (docs/quality.md).
  public var fields: [String: JSON] {
    var fields: [String: JSON] = [
      "stream": .string(stream.path), "hop": .string(hop.rawValue), "session": .string(session), "method": .string(method.rawValue),
      "index": .int(index), "fromNs": .int(from.nanoseconds), "toNs": .int(to.nanoseconds),
    ]
    fields.merge(packetFields) { $1 }
    fields.merge(frameFields) { $1 }
    fields.merge(contentFields) { $1 }
    fields["observer"] = [
      "probeLagP99Ns": .whole(observer.probeLagP99Ns), "readings": .int(observer.readings), "lateReadings": .int(observer.lateReadings),
      "receiveBufferErrors": .int(observer.receiveBufferErrors),
      "cpuPressurePPM": .whole(observer.cpuPressurePPM), "limited": .bool(observer.isLimited),
    ]
    return fields
  }

  /// The whole fact: figures, judgement, and the profile that judged.
  public func fact(_ judgement: Judgement, by profile: RuleReference) -> [String: JSON] {
    fields.merging(judgement.fields) { $1 }.merging(["profile": profile.json]) { $1 }
  }

  private var packetFields: [String: JSON] {
    [
      "packetsExpected": .int(packetsExpected), "packetsReceived": .int(packetsReceived), "packetsLost": .int(packetsLost),
      "packetsDuplicated": .int(packetsDuplicated), "packetsReordered": method == .tcp ? .null : .int(packetsReordered),
      "packetsLate": .int(packetsLate), "packetsDiscarded": .int(packetsDiscarded), "packetsRecovered": .int(packetsRecovered),
      "bytesReceived": .int(bytesReceived), "bitsPerSecond": .whole(bitsPerSecond), "rawLossPPM": .whole(rawLossPPM),
      "residualLossPPM": .whole(residualLossPPM), "packetsDecided": .int(packetsDecided), "decidedLost": .int(decidedLost),
      "bursts": .int(bursts), "burstPackets": .int(burstPackets), "burstLost": .int(burstLost),
      "burstDensityPPM": .whole(burstDensityPPM), "gapDensityPPM": .whole(gapDensityPPM), "sequenceRestarts": .int(sequenceRestarts),
      "jitterMeanNs": .whole(jitterMeanNs), "jitterMaximumNs": .whole(jitterMaximumNs), "delayVariationNs": .quantiles(delayVariation),
      "roundTripNs": .quantiles(roundTrip), "oneWayDelayLowNs": .quantiles(oneWayDelayLow), "oneWayDelayHighNs": .quantiles(oneWayDelayHigh),
    ]
  }

  private var frameFields: [String: JSON] {
    [
      "framesExpected": .whole(framesExpected), "framesReceived": .int(frames.received), "framesClean": .int(frames.clean),
      "framesDamaged": .int(frames.damaged), "framesLate": .int(frames.late), "framesShown": .int(frames.shown),
      "keyFrames": .int(frames.keys), "frameBytes": .int(frames.bytes), "picturesReordered": .int(frames.reordered),
      "reorderDepthNs": .int(reorderDepthNs),
      "timestampJumps": .int(frames.timestampJumps), "frameRateMilli": .whole(frameRateMilli),
      "cleanFrameRateMilli": .whole(cleanFrameRateMilli), "nominalFrameRateMilli": .whole(nominalFrameRateMilli),
      "cleanRatioPPM": .whole(cleanRatioPPM), "gopFrames": .whole(gopFrames), "longestGOPFrames": .whole(longestGOPFrames),
      "freezeCount": .int(freezeCount), "freezeNs": .int(freezeNs), "freezeRatioPPM": .whole(freezeRatioPPM),
      "longestFreezeNs": .int(longestFreezeNs), "pauseCount": .int(pauseCount), "audioFrames": .whole(audioFrames),
      "width": .whole(width), "height": .whole(height), "black": .truth(isBlack), "frozen": .truth(isFrozen), "silent": .truth(isSilent),
    ]
  }

  private var contentFields: [String: JSON] {
    [
      "keyFrameSeen": .bool(hasSeenKey), "blackNs": .whole(blackNs), "frozenNs": .whole(frozenNs), "silentNs": .whole(silentNs), "looks": .int(looks),
      "darkLooks": .int(darkLooks), "soundPeakMilliDecibel": .whole(soundPeakMilliDecibel),
      // No ingest carries MPEG-TS yet.
      "transportPriority1Errors": .null,
    ]
  }
}

extension JSON {
  static func whole(_ value: Int64?) -> JSON { value.map { .int($0) } ?? .null }
  static func truth(_ value: Bool?) -> JSON { value.map { .bool($0) } ?? .null }
  static func words(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }

  static func quantiles(_ value: Quantiles?) -> JSON {
    guard let value else { return .null }
    return [
      "count": .int(value.count), "p50": .int(value.p50), "p95": .int(value.p95), "p99": .int(value.p99), "p999": .int(value.p999),
      "maximum": .int(value.maximum),
    ]
  }
}

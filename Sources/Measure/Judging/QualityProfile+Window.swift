internal import Model

extension QualityProfile {
  /// Judges one window by the pass rule (measurement.md §3).
  public func judge(_ window: QualityWindow) -> Judgement {
    var reasons: Set<ReasonCode> = []
    var open: Set<OpenQuestion> = []
    if window.observer.isLimited { open.insert(.observerLimited) }
    if window.span.value < minimumWindowNs { open.insert(.windowTooShort) }
    // Without a key frame nothing can be shown, however much comes.
    if window.frames.received == 0 || !window.hasSeenKey {
      reasons.insert(.offline)
    } else {
      judgePackets(window, &reasons, &open)
      judgeFrames(window, &reasons, &open)
      judgePicture(window, &reasons, &open)
    }
    return Judgement(reasons: reasons, open: open, warnings: warnings(window), notJudged: notJudged(window))
  }

  /// A pass says nothing of these.
  private func notJudged(_ window: QualityWindow) -> [String] {
    let limits: [(name: String, isLimited: Bool, isKnown: Bool)] = [
      ("lossBeforeRepair", lossBeforeRepairPPM != nil, window.rawLossPPM != nil),
      ("residualLoss", residualLossPPM != nil, window.residualLossPPM != nil),
      ("delayVariationP999", delayVariationP999Ns != nil, window.method != .tcp && window.delayVariation != nil),
      ("roundTrip", roundTripNs != nil, window.roundTrip != nil), ("endToEndDelay", endToEndDelayNs != nil, window.oneWayDelayLow != nil),
      ("transportPriority1Errors", transportErrorsPerMinute != nil, false), ("black", true, window.isBlack != nil),
      ("silence", audioRequired, window.isSilent != nil),
    ]
    return limits.filter { $0.isLimited && !$0.isKnown }.map(\.name)
  }

  private func judgePackets(_ window: QualityWindow, _ reasons: inout Set<ReasonCode>, _ open: inout Set<OpenQuestion>) {
    if window.packetsExpected > 0 {
      let residual = max(0, window.packetsLost)
      let raw = max(0, window.packetsLost &+ window.packetsRecovered)
      for (lost, limit) in [(residual, residualLossPPM), (raw, window.method == .tcp ? nil : lossBeforeRepairPPM)] {
        guard let limit else { continue }
        switch LossTest.judge(lost: lost, of: window.packetsExpected, limitPPM: limit) {
        case .pass: break
        case .fail: reasons.insert(.loss)
        case .undetermined: open.insert(.sampleTooSmall)
        }
      }
    }
    // Over TCP the arrival is the read's: for information only.
    if window.method != .tcp, let limit = delayVariationP999Ns, let variation = window.delayVariation {
      // B pictures are sent by decode time, which no packet carries (docs/quality.md): what may be too long by it is open, and none fails for it.
      if Int128(variation.p999) + Int128(4) * Int128(window.reorderDepthNs) > Int128(limit) {
        if window.reorderDepthNs > 0 { open.insert(.picturesReordered) } else { reasons.insert(.jitter) }
      }
    }
    if let limit = roundTripNs {
      if let trip = window.roundTrip {
        if trip.p95 > limit { reasons.insert(.delay) }
      } else if roundTripRequired {
        open.insert(.roundTripUnknown)
      }
    }
    judgeOneWayDelay(window, &reasons, &open)
  }

  /// One hop's way is a part of the end-to-end delay: what is too long for the whole is too long for it. Where it cannot be measured nothing is said.
  private func judgeOneWayDelay(_ window: QualityWindow, _ reasons: inout Set<ReasonCode>, _ open: inout Set<OpenQuestion>) {
    guard let low = window.oneWayDelayLow, let high = window.oneWayDelayHigh else { return }
    // They cannot have come before they left.
    if high.p50 < 0 { reasons.insert(.clockSkew) }
    guard let limit = endToEndDelayNs else { return }
    if low.p95 > limit {
      reasons.insert(.delay)
    } else if high.p95 > limit {
      open.insert(.oneWayDelayStraddles)
    }
  }

  private func judgeFrames(_ window: QualityWindow, _ reasons: inout Set<ReasonCode>, _ open: inout Set<OpenQuestion>) {
    judgeRate(window, &reasons, &open)
    if let limit = cleanRatioPPM {
      if let ratio = window.cleanRatioPPM, let expected = window.framesExpected {
        let unclean = window.frames.received &- window.frames.clean
        if ratio < limit { reasons.insert(unclean >= expected &- window.frames.received ? .corrupt : .lowFrameRate) }
      } else {
        open.insert(.nominalRateUnknown)
      }
    }
    if let limit = freezeRatioPPM, let ratio = window.freezeRatioPPM, ratio > limit { reasons.insert(.freeze) }
    if let limit = longestFreezeNs, window.longestFreezeNs > limit { reasons.insert(.freeze) }
    if window.frames.timestampJumps > 0 { reasons.insert(.clockSkew) }
  }

  private func judgeRate(_ window: QualityWindow, _ reasons: inout Set<ReasonCode>, _ open: inout Set<OpenQuestion>) {
    guard let rule = cleanFrameRate else { return }
    // Counted frames, with one frame's tolerance: where a window's edges fall must not decide whether a camera of exactly the least rate passes.
    let needed = Int128(rule.minimumMilli) * Int128(window.span.value)
    let isEnough = (Int128(window.frames.clean) + 1) * 1_000_000_000_000 >= needed
    let share = window.framesExpected.flatMap { Rounding.millionths(window.frames.clean, of: $0) }
    let isShare = share.map { $0 >= rule.ofNominalPPM }
    switch (rule.combine, isEnough, isShare) {
    case (.either, true, _), (.either, _, true?), (.both, true, true?): break
    case (.either, false, nil), (.both, true, nil): open.insert(.nominalRateUnknown)
    default: reasons.insert(.lowFrameRate)
    }
  }

  private func judgePicture(_ window: QualityWindow, _ reasons: inout Set<ReasonCode>, _ open: inout Set<OpenQuestion>) {
    if let least = picture {
      if let width = window.width, let height = window.height {
        // A telephone held upright sends 720×1280: the sides are compared by length.
        let isWide = max(width, height) >= max(least.minimumWidth, least.minimumHeight)
        let isHigh = min(width, height) >= min(least.minimumWidth, least.minimumHeight)
        if !isWide || !isHigh { reasons.insert(.lowResolution) }
      } else {
        open.insert(.resolutionUnknown)
      }
    }
    if window.isBlack == true { reasons.insert(.black) }
    if audioRequired, window.isSilent == true || window.audioFrames ?? 0 == 0 { reasons.insert(.noAudio) }
  }

  private func warnings(_ window: QualityWindow) -> [String] {
    var warnings: [String] = []
    let least = window.hop == .centre ? bitsPerSecondBetweenCentres ?? bitsPerSecond : bitsPerSecond
    if let least, let rate = window.bitsPerSecond, rate < least { warnings.append("bitRate") }
    if window.isFrozen == true { warnings.append("frozenContent") }
    return warnings
  }
}

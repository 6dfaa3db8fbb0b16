internal import Model

/// What the probes of picture and sound saw of a session, from its events alone.
struct ContentFigures: Sendable {
  /// Cumulative; a window's are differences.
  struct Totals: Hashable, Sendable {
    var looks: Int64 = 0
    var darkLooks: Int64 = 0
  }

  private(set) var totals = Totals()
  private var black = StateSpans()
  private var frozen = StateSpans()
  private var silent = StateSpans()
  private var peak: Int64?

  mutating func probe(_ event: SampleEvent) {
    black.apply(event.value1, at: event.at)
    frozen.apply(event.value2, at: event.at)
    silent.apply(event.value3, at: event.at)
  }

  mutating func look(_ event: SampleEvent) {
    totals.looks &+= 1
    if ContentLimits.isDark(perMille: event.value1), !ContentLimits.isFlat(variancePPM: event.value2) { totals.darkLooks &+= 1 }
  }

  mutating func sound(_ event: SampleEvent) { peak = max(peak ?? event.value2, event.value2) }

  /// The largest peak since the last call.
  mutating func removePeak() -> Int64? {
    defer { peak = nil }
    return peak
  }

  mutating func forget(before start: BootTime) {
    black.forget(before: start)
    frozen.forget(before: start)
    silent.forget(before: start)
  }

  func fill(_ window: inout QualityWindow) {
    let (black, frozen, silent) = (
      black.part(from: window.from, to: window.to), frozen.part(from: window.from, to: window.to), silent.part(from: window.from, to: window.to)
    )
    window.blackNs = black?.ns
    window.frozenNs = frozen?.ns
    window.silentNs = silent?.ns
    window.isBlack = black.map { $0.longestNs >= ContentLimits.blackNs }
    window.isFrozen = frozen.map { $0.longestNs >= ContentLimits.frozenNs }
    window.isSilent = silent.map { $0.longestNs >= ContentLimits.silentNs }
  }
}

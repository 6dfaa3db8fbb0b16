internal import Model

/// Finds a muxer that units go into and nothing comes out of (mp4mux did so without a word).
struct StallWatch {
  private var emitted = -1
  private var pushed = 0
  private var since: BootTime?

  /// - Returns: whether for `limit` units went in and none came out although some are inside.
  mutating func isStalled(_ counters: TapRun.Counters, at now: BootTime, limit: Nanoseconds) -> Bool {
    defer { pushed = counters.pushed }
    if counters.emitted != emitted || counters.emitted >= counters.pushed {
      emitted = counters.emitted
      since = nil
      return false
    }
    // Silence of the publisher is not the muxer's fault.
    if counters.pushed == pushed, since == nil { return false }
    guard let from = since else {
      since = now
      return false
    }
    return now - from >= limit
  }
}

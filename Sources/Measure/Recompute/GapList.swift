public import Model

/// The list of gaps, from stream facts alone: those of `stream.gap` facts, and from each interruption or end of a stream until it is back, where no
/// such fact covers it.
public enum GapList {
  /// In order of stream, boot (as first met) and beginning; overlapping gaps of one cause are one.
  public static func compute(from facts: [Fact]) -> [StreamGap] {
    var recorded: [StreamGap] = []
    var derived: [StreamGap] = []
    var open: [String: StreamGap] = [:]
    for fact in facts {
      guard let stream = fact.stream else { continue }
      switch fact.kind {
      case FactKind.streamGap:
        if let gap = StreamGap(fact) { recorded.append(gap) }
      case FactKind.streamInterrupted, FactKind.streamEnded:
        guard open[stream] == nil, let ended = StreamEndedFact(fact) else { continue }
        let last = min(ended.lastMedia ?? fact.bootTime, fact.bootTime)
        open[stream] = StreamGap(stream: stream, from: NodeInstant(fact).at(last), to: nil, cause: cause(of: ended))
      case FactKind.streamStarted, FactKind.streamResumed:
        guard var gap = open.removeValue(forKey: stream) else { continue }
        gap.to = gap.from.sharesClock(with: NodeInstant(fact)) ? fact.bootTime : nil
        derived.append(gap)
      default: break
      }
    }
    derived += open.values
    let uncovered = derived.filter { gap in !recorded.contains { $0.covers(gap) } }
    return merged(recorded + uncovered, boots: bootOrder(facts))
  }

  /// A publisher that said goodbye leaves no gap of anybody's fault: it is its own.
  private static func cause(of ended: StreamEndedFact) -> StreamGap.Cause {
    switch ended.origin?.value {
    case .network, .peer: .network
    case .disk: .disk
    case .relay: .recorder
    case .device, .config, nil: .device
    }
  }

  private static func bootOrder(_ facts: [Fact]) -> [String: Int] {
    var order: [String: Int] = [:]
    for fact in facts where order[fact.boot] == nil { order[fact.boot] = order.count }
    return order
  }

  private static func merged(_ gaps: [StreamGap], boots: [String: Int]) -> [StreamGap] {
    let sorted = gaps.sorted { a, b in
      (a.stream, boots[a.from.boot] ?? 0, a.from.time, a.cause.rawValue) < (
        b.stream, boots[b.from.boot] ?? 0, b.from.time, b.cause.rawValue
      )
    }
    var result: [StreamGap] = []
    for gap in sorted {
      guard let last = result.last, last.stream == gap.stream, last.cause == gap.cause, last.from.sharesClock(with: gap.from),
        last.to.map({ gap.from.time <= $0 }) ?? true
      else {
        result.append(gap)
        continue
      }
      result[result.count - 1].to = last.to.flatMap { end in gap.to.map { max(end, $0) } }
    }
    return result
  }
}

extension StreamGap {
  /// From a `stream.gap` fact; nil when a field is missing.
  init?(_ fact: Fact) {
    guard let gap = StreamGapFact(fact), gap.to >= gap.from, let cause = gap.cause.value else { return nil }
    self.init(stream: gap.stream.text, from: NodeInstant(fact).at(gap.from), to: gap.to, cause: cause)
  }

  /// Whether a recorded gap and a derived one are of the same event: they share time.
  func covers(_ other: StreamGap) -> Bool {
    guard stream == other.stream, from.sharesClock(with: other.from) else { return false }
    return from.time <= other.to ?? other.from.time && other.from.time <= to ?? from.time
  }
}

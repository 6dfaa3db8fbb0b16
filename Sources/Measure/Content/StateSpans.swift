internal import Model

/// The spans in which one thing was so (black, frozen, silent), from probe events in the file's order.
struct StateSpans: Sendable {
  struct Part: Hashable {
    /// What of the spans lies in the window.
    var ns: Int64 = 0
    /// The longest span that overlaps the window, from its beginning, wherever that was, to its end or the window's.
    var longestNs: Int64 = 0
  }

  private struct Span: Sendable {
    var from: BootTime
    var to: BootTime
  }

  private var ended = Ring<Span>()
  private var openSince: BootTime?
  private var isJudged = false

  /// A probe event's value: 1 from `at` on it is so, 0 it is not, anything else says nothing.
  mutating func apply(_ value: Int64, at: BootTime) {
    switch value {
    case 1:
      isJudged = true
      if openSince == nil { openSince = at }
    case 0:
      isJudged = true
      if let from = openSince, from < at { ended.append(Span(from: from, to: at)) }
      openSince = nil
    default: break
    }
  }

  /// Nil while nothing was judged.
  func part(from: BootTime, to: BootTime) -> Part? {
    guard isJudged else { return nil }
    var part = Part()
    let open = openSince.map { [Span(from: $0, to: to)] } ?? []
    for span in ended.elements(from: ended.start, to: ended.end) + open {
      let end = min(span.to, to)
      let inside = end - max(span.from, from)
      guard inside > .zero else { continue }
      part.ns &+= inside.value
      part.longestNs = max(part.longestNs, (end - span.from).value)
    }
    return part
  }

  /// Forgets spans that ended before an instant.
  mutating func forget(before start: BootTime) {
    while let first = ended.first, first.to <= start { ended.removeFirst() }
  }
}

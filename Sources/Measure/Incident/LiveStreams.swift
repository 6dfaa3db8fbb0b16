internal import Model

/// Which streams are live, by the facts of one node in their order: what an incident's devices are *preopened* by (docs/recompute.md).
struct LiveStreams: Hashable, Sendable {
  private(set) var names: Set<String> = []

  mutating func apply(_ fact: Fact) {
    switch fact.kind {
    case FactKind.nodeStarted: names.removeAll()
    case FactKind.streamStarted, FactKind.streamResumed: if let stream = fact.stream { names.insert(stream) }
    case FactKind.streamEnded: if let stream = fact.stream { names.remove(stream) }
    default: break
    }
  }
}

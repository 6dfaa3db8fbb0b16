internal import Model

/// How far one stream got from a request to its deadline, from the facts of that time: what a failure's reason and step follow from.
struct StreamEvidence: Sendable {
  let stream: String
  let start: NodeInstant
  let limit: Nanoseconds
  private(set) var state: StreamBook.State
  /// The newest refusal or failed pull.
  private(set) var refusal: FailureReason?
  /// A session that ended and did not come back.
  private(set) var ending: FailureReason?

  /// - Parameter state: of the stream at the request.
  init(stream: String, start: NodeInstant, limit: Nanoseconds, state: StreamBook.State) {
    self.stream = stream
    self.start = start
    self.limit = limit
    self.state = state
  }

  /// A fact after the request; what came after the deadline, or in another boot, says nothing.
  mutating func apply(_ fact: Fact) {
    guard let since = NodeInstant(fact) - start, since <= limit else { return }
    if fact.kind == FactKind.accessRefused {
      guard let refused = AccessRefusedFact(fact), refused.door.value == .publish, refused.stream?.text == stream else { return }
      refusal = FailureReason(code: refused.code.text)
      return
    }
    guard fact.stream == stream else { return }
    switch fact.kind {
    case FactKind.streamRefused: refusal = FailureReason(code: StreamRefusedFact(fact)?.code.text ?? "")
    case FactKind.pullFailed: refusal = FailureReason(code: PullFailedFact(fact)?.code.text ?? "")
    case FactKind.streamStarted, FactKind.streamResumed: ending = nil
    case FactKind.streamInterrupted, FactKind.streamEnded:
      let origin = StreamEndedFact(fact)?.origin?.value
      if origin == .network || origin == .peer { ending = .network }
    default: break
    }
    // A stream that was lost has still got as far as it had.
    if fact.kind != FactKind.streamInterrupted, fact.kind != FactKind.streamEnded { state.apply(fact.kind) }
  }

  /// The step that was not reached.
  var missing: StepID { state.hasKeyframe ? .t6 : state.hasPacket ? .t5k : .t5 }

  /// Why no picture came.
  var reason: FailureReason {
    if let ending { return ending }
    switch missing {
    case .t6: return .undecodable
    case .t5k: return .noKeyframe
    default: return reasonWithoutMedia
    }
  }

  /// Why not even a packet came.
  var reasonWithoutMedia: FailureReason { state.isOpen ? .noMedia : refusal ?? .offline }
}

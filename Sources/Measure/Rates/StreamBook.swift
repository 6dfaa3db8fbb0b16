internal import Model

/// What is known of each stream and device as the journal goes on.
struct StreamBook: Sendable {
  struct State: Sendable, Hashable {
    var isOpen = false
    var hasPacket = false
    var hasKeyframe = false

    mutating func apply(_ kind: String) {
      switch kind {
      case FactKind.streamStarted, FactKind.streamResumed: isOpen = true
      case FactKind.streamFirstPacket: (isOpen, hasPacket) = (true, true)
      case FactKind.streamFirstKeyframe: (isOpen, hasPacket, hasKeyframe) = (true, true, true)
      case FactKind.streamInterrupted, FactKind.streamEnded: self = State()
      default: break
      }
    }
  }

  struct Registration: Sendable, Hashable {
    var device: String
    var stream: String
    var deviceClass: String?
    var town: String?
  }

  private(set) var states: [String: State] = [:]
  private(set) var devices: [String: Registration] = [:]
  /// The newest registration of each stream.
  private(set) var streams: [String: Registration] = [:]

  mutating func apply(_ fact: Fact) {
    switch fact.kind {
    case FactKind.nodeStarted: states.removeAll()
    case FactKind.deviceRegistered:
      guard let body = DeviceRegisteredFact(fact) else { return }
      let registration = Registration(
        device: body.device, stream: body.stream.text, deviceClass: body.deviceClass?.text, town: body.town)
      devices[registration.device] = registration
      streams[registration.stream] = registration
    case FactKind.streamStarted, FactKind.streamResumed, FactKind.streamFirstPacket, FactKind.streamFirstKeyframe,
      FactKind.streamInterrupted, FactKind.streamEnded:
      if let stream = fact.stream { states[stream, default: State()].apply(fact.kind) }
    default: break
    }
  }
}

internal import Model
internal import Transport

/// When and how to try a camera again, decided without I/O: TCP first, then UDP, then with growing waits; what worked is tried first next
/// time.
struct PullState: Sendable {
  enum Transport: Hashable, Sendable { case tcp, udp }

  struct Attempt: Hashable, Sendable {
    var transport: Transport
    var after: Nanoseconds
  }

  /// Media that flowed for so long shows that the way works: the next failure begins with short waits.
  static let proven = Nanoseconds.seconds(10)

  private var preferred = Transport.tcp
  private var current = Transport.tcp
  private var triedOther = false
  private var backoff = Backoff(first: .seconds(1), longest: .seconds(30))
  private var mediaSince: BootTime?

  init() {}

  var first: Attempt { Attempt(transport: current, after: .zero) }

  /// Media arrived.
  mutating func receivedMedia(at now: BootTime) {
    guard mediaSince == nil else { return }
    mediaSince = now
    preferred = current
    triedOther = false
  }

  /// The connection ended. The other transport is worth a try when the camera refused this one, or when it answered but sent nothing.
  mutating func failed(_ fault: Fault, connected: Bool, at now: BootTime, using generator: inout some RandomNumberGenerator) -> Attempt {
    if let since = mediaSince {
      mediaSince = nil
      if now - since >= PullState.proven { backoff.reset() }
      current = preferred
      return Attempt(transport: current, after: backoff.next(using: &generator))
    }
    if !triedOther, fault.code == .transportUnsupported || (connected && fault.code == .rtspTimeout) {
      triedOther = true
      current = current == .tcp ? .udp : .tcp
      return Attempt(transport: current, after: .zero)
    }
    triedOther = false
    current = preferred
    return Attempt(transport: current, after: backoff.next(using: &generator))
  }
}

internal import Access
internal import Model
internal import Synchronization

/// The access policy with a limit on wrong keys: whoever guesses is refused for a while.
final class LimitedPolicy: Sendable {
  private let policy: AccessPolicy
  private let clock: any NodeClock
  private let failures = Mutex(FailureLimit())

  var mode: AccessPolicy.Mode { policy.mode }

  init(_ policy: AccessPolicy, clock: any NodeClock) {
    self.policy = policy
    self.clock = clock
  }

  /// - Parameter remoteHost: the peer's IP address, by which wrong keys are counted.
  func decide(_ action: AccessAction, stream: StreamName?, credentials: AccessCredentials, remoteHost: String) -> AccessPolicy.Decision {
    let now = clock.bootTime()
    guard !failures.withLock({ $0.isBlocked(remoteHost, name: credentials.name, at: now) }) else {
      return .refused(Fault(.tooManyAttempts, remoteHost))
    }
    let decision = policy.decide(action, stream: stream, credentials: credentials)
    if case .refused(let fault) = decision, fault.code == .credentialsWrong {
      failures.withLock { $0.failed(remoteHost, name: credentials.name, at: now) }
    }
    return decision
  }
}

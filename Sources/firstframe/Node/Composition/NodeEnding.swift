internal import Model
internal import Synchronization

/// Why the node ends, for the last fact of its journal. A signal, unless something failed before.
final class NodeEnding: Sendable {
  private let failure = Mutex<String?>(nil)

  /// `signal`, or the code of the first failure, such as `portInUse`.
  var reason: String { failure.withLock { $0 } ?? "signal" }

  func failed(_ error: any Error) {
    failure.withLock { if $0 == nil { $0 = (error as? Fault)?.code.rawValue ?? "failed" } }
  }
}

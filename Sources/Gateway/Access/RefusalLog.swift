public import Logging
public import Model
internal import NIOConcurrencyHelpers

/// Tells the log who was refused at which door, one line each, bounded for whoever knocks without end.
public final class RefusalLog: Sendable {
  private let logger: Logger
  private let limit = NIOLockedValueBox(LineLimit(perSource: 6, inAll: 300))

  /// Shared by all doors of a node.
  public init(_ logger: Logger) { self.logger = logger }

  /// - Parameters:
  ///   - what: which door, as the fact `access.refused` calls it.
  ///   - key: which key it said to have; not proven.
  ///   - remoteHost: without the port: by this lines are counted. Each code has a count of its own, so that a lock-out is not lost among its causes.
  public func refused(
    _ what: String, stream: StreamName?, key: String?, remoteHost: String, remoteAddress: String, because fault: Fault, at now: BootTime
  ) {
    guard let leftOut = limit.withLockedValue({ $0.admit("\(remoteHost) \(fault.code.rawValue)", at: now) }) else { return }
    var metadata: Logger.Metadata = ["door": "\(what)", "remote": "\(remoteAddress)", "reason": "\(fault.code.rawValue) \(fault.happened.zh)"]
    if let stream { metadata["stream"] = "\(stream)" }
    if let key { metadata["key"] = "\(key.forLog)" }
    if leftOut > 0 { metadata["leftOut"] = "\(leftOut)" }
    logger.info(fault.code == .tooManyAttempts ? "locked out" : "access refused", metadata: metadata)
  }
}

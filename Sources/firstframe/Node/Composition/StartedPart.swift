internal import Logging
internal import ServiceLifecycle

/// A part that runs, as a service: it runs until the group asks it to end, or until it ends by itself, and then undoes its start.
struct StartedPart: Service {
  let name: String
  private let logger: Logger
  private let ending: NodeEnding
  private let awaitEnd: @Sendable () async throws -> Void
  private let stopPart: @Sendable () async -> Void

  init(
    name: String, logger: Logger, ending: NodeEnding, awaitEnd: @escaping @Sendable () async throws -> Void,
    stop: @escaping @Sendable () async -> Void
  ) {
    self.name = name
    self.logger = logger
    self.ending = ending
    self.awaitEnd = awaitEnd
    stopPart = stop
  }

  func run() async throws {
    var failure: (any Error)?
    do {
      try await cancelWhenGracefulShutdown { [awaitEnd] in try await awaitEnd() }
    } catch is CancellationError {
      // The group asked for it.
    } catch {
      logger.error("a part of the node failed", metadata: ["part": "\(name)", "error": "\(error)"])
      ending.failed(error)
      failure = error
    }
    await stop()
    if let failure { throw failure }
  }

  func stop() async {
    logger.debug("stopping", metadata: ["part": "\(name)"])
    await stopPart()
  }
}

internal import Logging
internal import ServiceLifecycle
internal import UnixSignals
internal import Workers

/// A node that runs: the parts of ``NodeComposition``, started in the order of their dependencies.
struct RelayNode: Sendable {
  /// Every port, bound when the node is there.
  let ports: NodePorts
  /// The parts that run, the oldest first.
  private let parts: [StartedPart]
  private let logger: Logger

  init(ports: NodePorts, parts: [StartedPart], logger: Logger) {
    self.ports = ports
    self.parts = parts
    self.logger = logger
  }

  /// Starts a node. When a part cannot start, those that did are stopped again, the newest first, and its error is thrown.
  /// - Parameters:
  ///   - launcher: starts the processes that decode; tests bring their own.
  ///   - configuration: the file that `settings` came from, beside which profiles and policies may lie; nil where there is none.
  static func start(
    _ settings: NodeSettings, configuration: String? = nil, launcher: any WorkerLauncher = ProcessLauncher(), logger: Logger
  ) async throws -> RelayNode {
    let rules = try await blocking { try NodeRules(settings.measuring, files: RuleFiles.locate(beside: configuration)) }
    let ending = NodeEnding()
    var composition = NodeComposition(settings, rules, launcher: launcher, ending: ending, logger: logger)
    do {
      let ports = try await composition.start()
      return RelayNode(ports: ports, parts: composition.parts.started, logger: logger)
    } catch {
      ending.failed(error)
      await composition.undo()
      throw error
    }
  }

  /// Runs until SIGINT or SIGTERM comes, until a part fails, or until the task is cancelled; then stops every part, the newest first.
  /// - Parameters:
  ///   - signals: end the node in good order.
  ///   - whenReady: called once, when signals no longer kill the process.
  func run(endingAt signals: [UnixSignal] = [.sigint, .sigterm], whenReady: @escaping @Sendable () -> Void) async throws {
    let services: [any Service] = parts + [Announcement(announce: whenReady, logger: logger)]
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map(RelayNode.endingAll),
        gracefulShutdownSignals: signals, logger: logger))
    // A task of its own, for a group that is cancelled stops its services all at once.
    let running = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await running.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }

  /// A service whose end, good or bad, ends the node in good order.
  private static func endingAll(_ service: any Service) -> ServiceGroupConfiguration.ServiceConfiguration {
    ServiceGroupConfiguration.ServiceConfiguration(
      service: service, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
  }

  /// The last service of a node: runs when all others do and signals are caught, and is the first to end.
  private struct Announcement: Service {
    let announce: @Sendable () -> Void
    let logger: Logger

    func run() async throws {
      announce()
      try await gracefulShutdown()
      logger.info("stopping")
    }
  }
}

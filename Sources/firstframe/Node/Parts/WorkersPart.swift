internal import Logging
internal import Model
internal import Workers

/// The processes that decode.
struct WorkersPart: NodePart {
  let name = "workers"
  let settings: DecodePoolSettings
  let launcher: any WorkerLauncher
  let logger: Logger

  func start() async throws -> DecodePool {
    try await blocking {
      try Disk.makeFolder(Disk.parent(of: settings.socketPath), mode: 0o700)
      return try DecodePool.start(settings, launcher: launcher) { logger.info("worker", metadata: ["event": "\($0)"]) }
    }
  }

  func stop(_ pool: DecodePool) async { await pool.stop() }
}

internal import Cascade
internal import Command

/// The port that lower centres dial.
struct ControlPart: NodePart {
  let name = "control"
  let settings: ControlSettings
  let upper: UpperDesk

  /// Returns the port that was bound.
  func start() async throws -> Int { try await upper.start(host: settings.host, port: Int(settings.port)) }
  func stop(_: Int) async { await upper.stop() }
}

internal import Journal
internal import Logging
internal import Model

/// Writes a sample of each frame, for recomputing.
struct SamplesPart: NodePart {
  let name = "samples"
  let dataFolder: String
  let facts: any FactSink
  let clock: any NodeClock
  let logger: Logger

  func start() async throws -> SampleWriter {
    try await blocking { try SampleWriter(dataFolder: dataFolder, facts: facts, clock: clock, logger: logger) }
  }

  func stop(_ writer: SampleWriter) async { await writer.close() }
}

internal import Archive
internal import Hub
internal import Journal
internal import Logging
internal import Model
internal import Pipelines
internal import Transport

/// Records every stream of the hub.
struct ArchivePart: NodePart {
  let name = "archive"
  let settings: ArchiveSettings
  let dataFolder: String
  let identity: NodeIdentity
  let hub: Hub
  let loops: MediaLoops
  let logger: Logger

  func start() async throws -> Archive {
    var settings = settings
    settings.wallUncertainty = { ClockWatch.kernelState().map { Nanoseconds($0.maximumErrorNs) } }
    let archive = try await blocking { [settings] in
      try Archive.open(
        dataFolder: dataFolder, node: hub.node, settings: settings, identity: identity, clock: hub.clock, facts: hub.facts, loops: loops,
        makeTap: Archive.matroska(try PipelineLibrary.locate()), logger: logger)
    }
    archive.record(from: hub)
    return archive
  }

  /// Acknowledges the last segments.
  func stop(_ archive: Archive) async { await archive.close() }
}

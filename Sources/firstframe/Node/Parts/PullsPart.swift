internal import Model
internal import RTSPGateway

/// The cameras that this node dials for their pictures.
struct PullsPart: NodePart {
  let name = "pulls"
  let sources: [RTSPPuller.Source]
  let context: RTSPContext

  func start() async throws -> [RTSPPuller] {
    let pullers = try sources.map { try RTSPPuller($0, context: context) }
    for puller in pullers { puller.start() }
    return pullers
  }

  func stop(_ pullers: [RTSPPuller]) async {
    for puller in pullers { await puller.stop() }
  }
}

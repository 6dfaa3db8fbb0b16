internal import Cascade

/// The links to upper centres, dialled and redialled.
struct UplinksPart: NodePart {
  let name = "uplinks"
  let uplinks: [Uplink]

  func start() async throws { for uplink in uplinks { uplink.start() } }
  func stop(_: Void) async { for uplink in uplinks { uplink.stop() } }
}

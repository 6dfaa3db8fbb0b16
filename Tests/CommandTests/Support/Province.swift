import Hub
import Journal
import Model
import NIOCore

@testable import Cascade

/// A running province: its desk and its hub.
final class Province {
  let parts: NodeParts
  let desk: UpperDesk
  private(set) var port = 0

  /// - Parameter past: what it remembers instead of its journal.
  init(
    folder: String, clock: OwnClock, county: NodePublicKey, port: Int = 0, past: [Fact]? = nil, identity: NodeIdentity? = nil
  ) async throws {
    parts = try NodeParts("zhejiang", folder: folder, clock: clock)
    let peers = try PeerStore(dataFolder: folder)
    try peers.remember("deqing", county)
    desk = UpperDesk(
      hub: parts.hub, identity: identity ?? parts.identity, peers: peers, dataFolder: folder, group: TwoCentres.group, decoder: Eyes(),
      logger: TwoCentres.logger)
    try await desk.recover(FactHistory(past ?? parts.facts))
    self.port = try await desk.start(host: "127.0.0.1", port: port)
  }

  var upper: (hub: Hub, clock: OwnClock) { (parts.hub, parts.clock) }

  func stop() async {
    await desk.stop()
    await parts.stop()
  }
}

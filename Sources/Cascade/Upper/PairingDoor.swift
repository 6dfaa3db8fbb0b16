internal import Journal
internal import Model
internal import NIOPosix

/// Answers pairing requests at an upper node: one that proves the waiting code is remembered as a peer.
final class PairingDoor: Sendable {
  private let node: String
  private let identity: NodeIdentity
  private let peers: PeerStore
  private let dataFolder: String
  private let clock: any NodeClock
  private let facts: any FactSink

  init(node: String, identity: NodeIdentity, peers: PeerStore, dataFolder: String, clock: any NodeClock, facts: any FactSink) {
    self.node = node
    self.identity = identity
    self.peers = peers
    self.dataFolder = dataFolder
    self.clock = clock
    self.facts = facts
  }

  /// Reads and writes files, so on a thread that may block; `reply` is called there, once.
  func answer(_ request: [UInt8], _ reply: @escaping @Sendable ([UInt8]) -> Void) {
    NIOThreadPool.singleton.submit { [self] _ in
      do throws(Fault) {
        let done = try PairingExchange.answer(
          request, node: node, key: identity.publicKey, dataFolder: dataFolder, now: clock.wallTime())
        try peers.remember(done.peer.node, done.peer.key)
        facts.record(LinkPairedFact(county: done.peer.node, peer: done.peer.key.fingerprint))
        reply(done.answer)
      } catch {
        facts.record(AccessRefusedFact(door: FactText(.link), stream: nil, peer: "pairing", code: FactText(error.code)))
        reply(PairingExchange.refusal(error))
      }
    }
  }
}

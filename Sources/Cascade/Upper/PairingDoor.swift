internal import Dispatch
internal import Journal
internal import Model
internal import Synchronization

/// Answers pairing requests at an upper node: one that proves the waiting code is remembered as a peer.
///
/// Anybody may ask. Requests are looked at one after the other, so that five attempts are five, and few wait.
final class PairingDoor: Sendable {
  /// Requests that may wait for the one that is looked at; others are refused unread.
  static let mostWaiting = 8

  private let node: String
  private let identity: NodeIdentity
  private let peers: PeerStore
  private let dataFolder: String
  private let clock: any NodeClock
  private let facts: any FactSink
  private let isLocal: @Sendable (String) -> Bool
  /// Reads and writes files.
  private let queue = DispatchQueue(label: "firstframe.pairing")
  private let waiting = Mutex(0)

  /// - Parameter isLocal: whether a name is the first segment of this node's own streams.
  init(
    node: String, identity: NodeIdentity, peers: PeerStore, dataFolder: String, clock: any NodeClock, facts: any FactSink,
    isLocal: @escaping @Sendable (String) -> Bool = { _ in false }
  ) {
    self.node = node
    self.identity = identity
    self.peers = peers
    self.dataFolder = dataFolder
    self.clock = clock
    self.facts = facts
    self.isLocal = isLocal
  }

  /// Never blocks; `reply` is called once, here or on a thread that may block.
  /// - Parameter peer: the other end's address.
  func answer(_ request: [UInt8], of peer: String, _ reply: @escaping @Sendable ([UInt8]) -> Void) {
    let mayWait = waiting.withLock { waiting in
      guard waiting < PairingDoor.mostWaiting else { return false }
      waiting += 1
      return true
    }
    guard mayWait else { return reply(refuse(Fault(.tooManyAttempts, peer), peer)) }
    queue.async { [self] in
      defer { waiting.withLock { $0 -= 1 } }
      do throws(Fault) {
        let done = try PairingExchange.answer(request, node: node, key: identity.publicKey, dataFolder: dataFolder, now: clock.wallTime(), may: may)
        try peers.remember(done.peer.node, done.peer.key)
        facts.record(LinkPairedFact(county: done.peer.node, peer: done.peer.key.fingerprint))
        reply(done.answer)
      } catch {
        reply(refuse(error, peer))
      }
    }
  }

  /// Whether a node that knows the code may have that name; throws ``FaultCode/pairingNameTaken``. A key of a name that is known is replaced only where the
  /// person who made the code said so.
  private func may(_ name: String, _ key: NodePublicKey, _ replaces: String?) throws(Fault) {
    guard name != node, !isLocal(name) else { throw Fault(.pairingNameTaken, "\(name)/") }
    guard let known = peers.key(of: name), known != key, replaces != name else { return }
    throw Fault(.pairingNameTaken, "\(name): \(known.fingerprintForReading)")
  }

  private func refuse(_ fault: Fault, _ peer: String) -> [UInt8] {
    facts.record(AccessRefusedFact(door: FactText(.link), action: "pairing", stream: nil, peer: peer, code: FactText(fault.code)))
    return PairingExchange.refusal(fault)
  }
}

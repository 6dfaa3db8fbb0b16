import Journal
import Model
import NIOCore
import NIOPosix
import Synchronization

@testable import Cascade

/// An upper node that sends what the test wants it to: the real link, handshake and sealing, and behind them anybody.
final class ScriptedUpper: LinkDelegate {
  private struct State {
    var link: LinkChannel?
    var opened: [OpenedIncident] = []
    var refusals: [String: String] = [:]
    var stored: Set<String> = []
  }

  let identity: NodeIdentity
  let clock: OwnClock
  private let county: NodePublicKey
  private let state = Mutex(State())
  private let channel = Mutex<(any Channel)?>(nil)

  init(county: NodePublicKey, clock: OwnClock) throws {
    identity = try .temporary()
    self.clock = clock
    self.county = county
  }

  func start(port: Int = 0) async throws -> Int {
    let folder = TwoCentres.folder()
    let peers = try PeerStore(dataFolder: folder)
    try peers.remember("deqing", county)
    let bound = try await ServerBootstrap(group: TwoCentres.group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            LinkChannel(role: .upper(peers: peers) { _, _, _ in }, identity: identity, node: "zhejiang", clock: clock, delegate: self))
        }
      }.bind(host: "127.0.0.1", port: port).get()
    channel.withLock { $0 = bound }
    return bound.localAddress?.port ?? 0
  }

  func stop() async {
    state.withLock { $0.link }?.close(Fault(.streamEnded, "test"))
    try? await channel.withLock { $0 }?.close()
  }

  /// Every E1 that arrived.
  var opened: [OpenedIncident] { state.withLock { $0.opened } }
  func refusal(of receipt: ReceiptDocument) -> String? { state.withLock { $0.refusals[receipt.sha256] } }
  func isStored(_ receipt: ReceiptDocument) -> Bool { state.withLock { $0.stored.contains(receipt.sha256) } }

  func send(_ receipt: ReceiptDocument, signedBy signer: NodeIdentity? = nil) throws {
    let signature = Hex.encode(try (signer ?? identity).sign(Array(receipt.text.utf8)))
    state.withLock { $0.link }?.send(.receipt(text: receipt.text, signature: signature, pem: identity.publicKey.pem))
  }

  /// What an honest province would say of a unit that it decoded now.
  func receipt(_ opened: OpenedIncident, unit: String, arrival: Int64) -> ReceiptDocument {
    let beacon = opened.beacon
    // What ``Eyes`` see of it at the county.
    let content = Hex.encode([UInt8(truncatingIfNeeded: AccessUnitID(unit)?.number ?? 0)])
    return ReceiptDocument(fields: [
      "v": 1, "county": "deqing", "province": "zhejiang", "boot": .string(clock.bootID), "incident": .string(opened.incident),
      "nonce": .string(opened.nonce), "openedSha256": .string(opened.openedSHA256), "stream": "live/solo01", "device": "solo01",
      "unit": .string(unit), "vclSha256": .string(content), "jpegSha256": "j", "beaconNs": beacon.map { .int($0.nanoseconds) } ?? .null,
      "beaconNonce": beacon.map { .string($0.nonce) } ?? .null, "heardNs": .int(arrival),
      "decodedNs": .int(clock.bootTime().nanoseconds), "width": 1280, "height": 720, "visible": true, "dark": false, "grade": "decoded",
    ])
  }

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    state.withLock { $0.link = link }
    link.send(.mediaCredentials(user: "deqing", secret: "s"))
  }

  private func sendBeacon(on link: LinkChannel) {
    if let beacon = try? Beacon(nonce: RandomHex.digits(32), at: clock.bootTime(), boot: clock.bootID, identity: identity) {
      link.send(.beacon(beacon))
    }
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    switch message {
    case .timeRequest(let t1, _):
      link.send(.timeAnswer(t1: t1, t2: arrival.nanoseconds, t3: clock.bootTime().nanoseconds))
      sendBeacon(on: link)
    case .opened(let opened): state.withLock { $0.opened.append(opened) }
    case .receiptStored(let sha256): state.withLock { _ = $0.stored.insert(sha256) }
    case .receiptRefused(let sha256, let reason): state.withLock { $0.refusals[sha256] = reason }
    default: break
    }
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) {}
}

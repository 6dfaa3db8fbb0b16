public import Hub
public import Journal
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import NIOPosix

/// The upper end of all control links: answers lower nodes, beacons each second, receives E1, and proves with receipts what it saw.
///
/// Its parts: ``LowerLinks`` the links, ``PairingDoor`` new peers, ``CaseDesk`` incidents and pictures, ``ReceiptDesk`` receipts, ``LowerClocks`` the
/// distance of the clocks.
public final class UpperDesk: Sendable {
  /// One lower node's link, for API and page.
  public struct Status: Sendable {
    /// Name of the lower node.
    public var node: String
    /// `address:port`.
    public var remoteAddress: String
    /// When both ends had proven who they are.
    public var since: BootTime
  }

  private struct State {
    var port: (any Channel)?
    var isStopped = false
  }

  private let hub: Hub
  private let identity: NodeIdentity
  private let group: any EventLoopGroup
  private let loop: any EventLoop
  private let logger: Logger
  /// The nodes that were paired.
  public let peers: PeerStore
  /// How far the lower nodes' clocks lie from this one's.
  public let clocks = LowerClocks()
  private let links = LowerLinks()
  private let pairing: PairingDoor
  private let connections: ConnectionGuard?
  private let receipts: ReceiptDesk
  private let cases: CaseDesk
  private let state = NIOLockedValueBox(State())

  /// - Parameters:
  ///   - group: where control links and their timers live; off the media loops.
  ///   - connections: admits the connections of the control port; nil admits all.
  ///   - isLocal: whether a name is the first segment of this node's own streams: no county may be called so.
  public init(
    hub: Hub, identity: NodeIdentity, peers: PeerStore, dataFolder: String, group: any EventLoopGroup, decoder: any PictureDecoder,
    connections: ConnectionGuard? = nil, isLocal: @escaping @Sendable (String) -> Bool = { _ in false }, logger: Logger
  ) {
    self.hub = hub
    self.identity = identity
    self.peers = peers
    self.group = group
    self.connections = connections
    self.logger = logger
    loop = group.next()
    pairing = PairingDoor(
      node: hub.node, identity: identity, peers: peers, dataFolder: dataFolder, clock: hub.clock, facts: hub.facts, isLocal: isLocal)
    receipts = ReceiptDesk(node: hub.node, identity: identity, facts: hub.facts, links: links)
    cases = CaseDesk(
      hub: hub, identity: identity, dataFolder: dataFolder, loop: loop, decoder: decoder, receipts: receipts, logger: logger)
  }

  // MARK: Control

  /// Signs what a restart left unsigned, then binds the control port. Returns the port that was bound; throws ``FaultCode/portInUse``.
  public func start(host: String, port: Int) async throws -> Int {
    try await cases.signRecovered()
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture { try admit(channel) }
      }
    let bound: any Channel
    do { bound = try await bootstrap.bind(host: host, port: port).get() } catch { throw Fault(.portInUse, "control \(host):\(port)") }
    state.withLockedValue { $0.port = bound }
    loop.scheduleRepeatedTask(initialDelay: .milliseconds(100), delay: .seconds(1)) { [weak self] task in
      guard let self, !self.state.withLockedValue({ $0.isStopped }) else { return task.cancel() }
      self.sendBeacon()
    }
    return bound.localAddress?.port ?? port
  }

  /// Closes port and links; returns when the port is free.
  public func stop() async {
    let port = state.withLockedValue { state in
      state.isStopped = true
      return state.port
    }
    cases.stop()
    for link in links.all { link.close(Fault(.streamEnded, "shutting down")) }
    try? await port?.close()
  }

  /// The links that stand, by node.
  public func status() -> [Status] { links.status }

  /// The counties' incidents, in no order.
  public func incidents() -> [ReceivedIncident] { cases.all }

  /// Whether these are the credentials that a linked node was given for its media.
  public func isMediaSecret(_ secret: String, of node: String) -> Bool { links.isSecret(secret, of: node) }

  /// The secret of a linked node's media, for digest authentication; nil when it never had a link in this run.
  public func mediaSecret(of node: String) -> String? { links.secret(of: node) }

  /// Throws for a connection that there is no room for, which closes it.
  private func admit(_ channel: any Channel) throws {
    let link = LinkChannel(
      role: .upper(peers: peers) { [pairing] request, peer, answer in pairing.answer(request, of: peer, answer) }, identity: identity,
      node: hub.node, clock: hub.clock, delegate: self)
    if let connections {
      guard let ticket = connections.admit(channel.remoteAddress?.ipAddress ?? "") else { throw Fault(.tooManyClients, "control") }
      ticket.onShed { channel.close(promise: nil) }
      channel.closeFuture.whenComplete { _ in ticket.ended() }
      link.ticket = ticket
    }
    try channel.pipeline.syncOperations.addHandler(link)
  }

  private func sendBeacon() {
    let links = links.all
    guard !links.isEmpty else { return }
    do {
      let beacon = try Beacon(nonce: RandomHex.digits(32), at: hub.clock.bootTime(), boot: hub.clock.bootID, identity: identity)
      clocks.sent(beacon)
      for link in links { link.send(.beacon(beacon)) }
    } catch { logger.error("no beacon", metadata: ["error": "\(error)"]) }
  }
}

extension UpperDesk: LinkDelegate {
  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    let now = hub.clock.bootTime()
    link.ticket?.known()
    clocks.linked(peer)
    let (replaced, secret) = links.opened(link, of: peer.node, at: now)
    replaced?.close(Fault(.streamBusy, "the node dialled again"))
    logger.info("county linked", metadata: ["county": "\(peer.node)", "remote": "\(link.remoteAddress)"])
    hub.facts.record(LinkUpFact(.county(peer.node), peer: peer.key.fingerprint), at: now)
    link.send(.mediaCredentials(user: peer.node, secret: secret))
    receipts.resend(to: peer.node, on: link)
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) {
    guard let peer = link.peer, links.closed(link, of: peer.node) else { return }
    logger.info("county's link lost", metadata: ["county": "\(peer.node)", "remote": "\(link.remoteAddress)", "reason": "\(reason)"])
    hub.facts.record(LinkDownFact(.county(peer.node), peer: peer.key.fingerprint, because: reason))
  }

  func linkRefused(_ link: LinkChannel, node: String?, reason: Fault) {
    hub.facts.record(
      AccessRefusedFact(
        door: FactText(.link), action: "handshake", stream: nil, peer: link.remoteAddress, code: FactText(reason.code), claimed: node))
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    guard let peer = link.peer else { return }
    switch message {
    case .timeRequest(let t1, let beacon):
      if let beacon, case .stepped(let low, let high)? = clocks.echoed(beacon, t1: t1, arrival: arrival, of: peer) {
        hub.facts.record(ClockStepFact(.offset(.county(peer.node), low: low, high: high)), at: arrival)
      }
      link.send(.timeAnswer(t1: t1, t2: arrival.nanoseconds, t3: hub.clock.bootTime().nanoseconds))
    case .opened(let opened): cases.receive(opened, from: peer.node, arrival: arrival)
    case .closed(let incident): cases.close(CaseKey(county: peer.node, incident: incident))
    case .receiptStored(let sha256): receipts.confirmed(sha256, by: peer.node)
    case .receiptRefused(let sha256, let reason):
      if let known = receipts.refused(sha256, reason, by: peer.node) { cases.refused(known.receipt, of: known.key, because: reason) }
    case .beacon, .timeAnswer, .mediaCredentials, .receipt, .unknown: break
    }
  }
}

extension UpperDesk: FactConsumer {
  /// What it received, saw and sent.
  public var kinds: Set<String> {
    [FactKind.provinceHeard, FactKind.provinceDecoded, FactKind.receiptSent, FactKind.receiptConfirmed]
  }

  /// What an upper node knows again after a restart: what it received, what it saw, and what no county has confirmed. Before ``start(host:port:)``.
  public func recover(_ past: FactHistory) async throws(Fault) {
    try await past.each(FactQuery(kinds: kinds.sorted(), limit: FactQuery.largestPage)) { fact throws(Fault) in
      cases.recover(fact)
      receipts.recover(fact)
    }
  }
}

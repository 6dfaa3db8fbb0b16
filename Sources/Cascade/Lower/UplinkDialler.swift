internal import Journal
internal import Logging
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import Transport

/// Who is called with what comes over an uplink's control link, on the link's loop.
protocol UplinkDelegate: AnyObject, Sendable {
  /// Both ends have proven who they are.
  func uplinkOpened(_ link: LinkChannel, peer: LinkHandshake.Party)
  func uplinkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel)
  /// The link is gone; another will be dialled.
  func uplinkLost()
}

/// Dials one upper node and keeps the control link: after every loss again, with waits that double, so that a province's restart is not met by all
/// counties at once.
final class UplinkDialler: Sendable, LinkDelegate {
  private struct State {
    var link: LinkChannel?
    /// When both ends had proven who they are; nil while no link stands.
    var since: BootTime?
    var peerNode: String?
    var lastFault: Fault?
    var backoff = Backoff(first: .milliseconds(250), longest: .seconds(8), jitterPercent: 20)
    var isStopped = false
    weak var delegate: (any UplinkDelegate)?
  }

  private let settings: UplinkSettings
  private let identity: NodeIdentity
  private let node: String
  private let clock: any NodeClock
  private let facts: any FactSink
  private let loop: any EventLoop
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  init(
    _ settings: UplinkSettings, identity: NodeIdentity, node: String, clock: any NodeClock, facts: any FactSink, loop: any EventLoop,
    logger: Logger
  ) {
    self.settings = settings
    self.identity = identity
    self.node = node
    self.clock = clock
    self.facts = facts
    self.loop = loop
    self.logger = logger
  }

  /// The link that stands; nil while none does.
  var link: LinkChannel? { state.withLockedValue { $0.since == nil ? nil : $0.link } }

  /// How it stands, for API and page.
  var standing: (since: BootTime?, peerNode: String?, lastFault: Fault?) {
    state.withLockedValue { ($0.since, $0.peerNode, $0.lastFault) }
  }

  /// Begins to dial; returns at once.
  func start(_ delegate: any UplinkDelegate) {
    state.withLockedValue { $0.delegate = delegate }
    dial()
  }

  func stop() {
    let link = state.withLockedValue { state in
      state.isStopped = true
      return state.link
    }
    link?.close(Fault(.streamEnded, "shutting down"))
  }

  private func dial() {
    guard !state.withLockedValue({ $0.isStopped }) else { return }
    guard !settings.peerFingerprint.isEmpty else {
      let fault = Fault(.notPaired, settings.name)
      state.withLockedValue { $0.lastFault = fault }
      logger.warning("no control link", metadata: ["uplink": "\(settings.name)", "reason": "\(fault)"])
      return
    }
    let link = LinkChannel(role: .lower(expected: settings.peerFingerprint), identity: identity, node: node, clock: clock, delegate: self)
    state.withLockedValue { $0.link = link }
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) }
      }
      .connect(host: settings.controlHost, port: settings.controlPort)
      .whenFailure { [weak self] error in
        guard let self else { return }
        self.lost(link, Fault(.peerUnreachable, "\(self.settings.controlHost):\(self.settings.controlPort): \(error)"))
      }
  }

  private func lost(_ link: LinkChannel, _ reason: Fault) {
    let outcome = state.withLockedValue { state -> (wasUp: Bool, isNews: Bool, wait: Nanoseconds?, delegate: (any UplinkDelegate)?)? in
      guard state.link === link else { return nil }
      let wasUp = state.since != nil
      state.link = nil
      state.since = nil
      let isNews = state.lastFault?.code != reason.code
      state.lastFault = reason
      if wasUp { state.backoff.reset() }
      return (wasUp, isNews, state.isStopped ? nil : state.backoff.next(), state.delegate)
    }
    guard let outcome else { return }
    outcome.delegate?.uplinkLost()
    if outcome.wasUp {
      logger.warning("control link lost", metadata: ["uplink": "\(settings.name)", "reason": "\(reason)"])
      facts.record(LinkDownFact(.uplink(settings.name), peer: settings.peerFingerprint, because: reason))
    } else if outcome.isNews {
      // Once for each cause: it is tried again every few seconds.
      logger.warning("no control link", metadata: ["uplink": "\(settings.name)", "reason": "\(reason)"])
    }
    guard let wait = outcome.wait else { return }
    loop.scheduleTask(in: .nanoseconds(wait.value)) { [weak self] in self?.dial() }
  }

  // MARK: LinkDelegate

  func linkOpened(_ link: LinkChannel, peer: LinkHandshake.Party) {
    let now = clock.bootTime()
    let delegate = state.withLockedValue { state in
      state.since = now
      state.peerNode = peer.node
      state.lastFault = nil
      state.backoff.reset()
      return state.delegate
    }
    logger.info("control link up", metadata: ["uplink": "\(settings.name)", "peer": "\(peer.node)"])
    facts.record(LinkUpFact(.uplink(settings.name), peer: peer.key.fingerprint), at: now)
    delegate?.uplinkOpened(link, peer: peer)
  }

  func linkReceived(_ message: LinkMessage, arrival: BootTime, on link: LinkChannel) {
    state.withLockedValue { $0.delegate }?.uplinkReceived(message, arrival: arrival, on: link)
  }

  func linkClosed(_ link: LinkChannel, reason: Fault) { lost(link, reason) }
}

internal import Gateway
public import Hub
internal import Logging
internal import Measure
public import Model
public import NIOCore
public import Transport
internal import Wire

/// Pushes one stream of the hub to another RTSP server by ANNOUNCE and RECORD: county to province, or a simulated device to a
/// node. Comes back by itself for as long as it runs.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only; `start` and `stop` hop there.
public final class RTSPPusher: StreamReader, RTSPClientConnectionDelegate, @unchecked Sendable {
  /// Where to and how.
  public struct Options: Sendable {
    /// With user and password where the server wants them.
    public var url: String
    /// Send the stream's origin, each unit's id, and when key units leave, for a server that is one of our nodes.
    public var tellsUnitIDs = false
    /// Called right before the first write of every key unit, with that instant: E6 (measurement.md §4.1). On ``loop``; must not block.
    public var beforeKeyUnit: (@Sendable (AccessUnit, BootTime) -> Void)?
    /// Media by UDP, as many drones send it; else by the RTSP connection itself.
    public var usesUDP = false
    /// Called at every turn. On ``loop``.
    public var turned: (@Sendable (Turn) -> Void)?

    /// By TCP, without unit ids.
    public init(url: String) { self.url = url }
  }

  /// What `turned` is called with.
  public enum Turn: Sendable {
    case connected(remoteAddress: String)
    /// Not connected any more, or not at all; it is tried again after a wait.
    case disconnected(Fault, retryAfter: Nanoseconds)
    /// The publication that was sent is over, or another took its place, which is no failure: the next one is announced as soon as it is there.
    case followed(Fault)
  }

  /// Where the connection and the subscription live.
  public var loop: any EventLoop { mediaLoop }
  private let mediaLoop: MediaLoop
  /// Of the hub's stream.
  public let name: StreamName
  private let options: Options
  private let context: RTSPContext
  private let url: RTSPURL
  private var backoff = Backoff(first: .seconds(1), longest: .seconds(30))
  private var generator = SystemRandomNumberGenerator()
  private var isRunning = false
  private var retry: Scheduled<Void>?
  private var connection: RTSPClientConnection?
  private var connectedAt: BootTime?
  private var announced: StreamDescription?
  private var subscription: Subscription?
  private var egress: UnitEgress?
  /// Why this side ends the connection, to announce another publication; nil while it does not.
  private var following: Fault?
  private var followedAt: BootTime?

  /// For so long after one session was ended here, the server may still hold the name for it.
  private static let handover = Nanoseconds.seconds(10)
  private static let handoverWait = Nanoseconds.milliseconds(250)

  /// - Throws: ``FaultCode/configInvalid`` for an address that is none.
  public init(_ name: StreamName, options: Options, context: RTSPContext, loop: MediaLoop? = nil) throws(Fault) {
    guard let url = RTSPURL(options.url), url.scheme == "rtsp" else { throw Fault(.configInvalid, "\(name): not an rtsp:// address") }
    self.name = name
    self.options = options
    self.context = context
    self.url = url
    mediaLoop = loop ?? context.environment.loops.nextLoop()
  }

  /// Waits for the stream, then connects, and again for as long as it runs. Once more does nothing.
  public func start() {
    loop.execute { [self] in
      guard !isRunning else { return }
      isRunning = true
      awaitStream()
    }
  }

  /// Sends TEARDOWN and stops; returns once that was written.
  public func stop() async {
    try? await loop.submit { [self] in
      isRunning = false
      retry?.cancel()
      retry = nil
      connection?.tearDown()
    }.get()
  }

  // MARK: Connecting

  /// The stream may not be live yet: its description is what ANNOUNCE carries.
  private func awaitStream() {
    guard isRunning else { return }
    context.environment.hub.description(of: name, until: .now() + .seconds(60), on: loop).whenComplete { [self] result in
      guard isRunning, connection == nil, retry == nil else { return }
      if case .success(.some(let description)) = result { connect(description) } else { awaitStream() }
    }
  }

  private func connect(_ description: StreamDescription) {
    let tracks = description.tracks.map { SDPTrack(sending: $0, toNode: options.tellsUnitIDs) }
    let sdp = SDPBuilder.text(
      tracks, name: name.path, id: description.epoch, origin: options.tellsUnitIDs ? description.origin : nil)
    var configuration = RTSPClientState.Configuration(
      url: url, role: .push(sdp: sdp, tracks: tracks), clientNonce: RTSPContext.token())
    configuration.transports = options.usesUDP ? [.udp] : [.tcp]
    announced = description
    RTSPClientConnection.connect(configuration, context: context, loop: mediaLoop, delegate: self).whenComplete { [self] result in
      switch result {
      case .success(let made): if isRunning { connection = made } else { made.tearDown() }
      case .failure(let error): comeBack(error as? Fault ?? Fault(.peerUnreachable, "\(url.host):\(url.port): \(error)"))
      }
    }
  }

  private func comeBack(_ fault: Fault) {
    guard isRunning else { return }
    let now = context.clock.bootTime()
    if let since = connectedAt, now - since > .seconds(10) { backoff.reset() }
    connectedAt = nil
    // Our own last session still has the name: it ends by itself, and no failure is counted for it.
    let isHandover = fault.code == .streamBusy && followedAt.map { now - $0 < RTSPPusher.handover } ?? false
    let wait = isHandover ? RTSPPusher.handoverWait : backoff.next(using: &generator)
    context.environment.logger.info("\(fault)", metadata: ["stream": "\(name)", "url": "\(url.shown)", "retrySeconds": "\(wait.seconds)"])
    options.turned?(.disconnected(fault, retryAfter: wait))
    retry = loop.scheduleTask(in: .nanoseconds(wait.value)) { [weak self] in
      self?.retry = nil
      self?.awaitStream()
    }
  }

  // MARK: RTSPClientConnectionDelegate

  func established(_ connection: RTSPClientConnection, _ media: RTSPEstablished) {
    guard let announced else { return }
    let now = context.clock.bootTime()
    connectedAt = now
    let egress = UnitEgress(
      description: announced, media: media, connection: connection, context: context, beforeKeyUnit: options.beforeKeyUnit, at: now)
    self.egress = egress
    options.turned?(.connected(remoteAddress: connection.remoteAddress))
    // Only now, so that the stream's cached GOP goes first and nothing of it is missed.
    context.environment.hub.subscribe(self, to: name, form: .units).hop(to: loop).whenSuccess { [self] subscription in
      if self.egress === egress { self.subscription = subscription } else { subscription.cancel() }
    }
  }

  func receivedFrame(_ connection: RTSPClientConnection, channel: UInt8, _ packet: UnsafeRawBufferPointer) {
    egress?.rtcp(packet, channel: channel, at: connection.framing.lastRead)
  }

  func ended(_ connection: RTSPClientConnection, _ fault: Fault) {
    if self.connection === connection { self.connection = nil }
    egress = nil
    subscription?.cancel()
    subscription = nil
    guard let reason = following else { return comeBack(fault) }
    following = nil
    connectedAt = nil
    guard isRunning else { return }
    followedAt = context.clock.bootTime()
    backoff.reset()
    options.turned?(.followed(reason))
    // After the hub has let go of what is over: its description is none to announce.
    loop.execute { [weak self] in self?.awaitStream() }
  }

  /// The publication that is sent is over, or another: the session ends, and the next publication is announced without a wait.
  private func follow(_ reason: Fault) {
    guard let connection else { return }
    following = reason
    connection.tearDown()
    following = nil
  }

  /// Not to a pusher: its redirections are faults.
  func redirected(_ connection: RTSPClientConnection, to location: String, isProxy: Bool) {}

  func tick(_ connection: RTSPClientConnection, at now: BootTime) { egress?.tick(at: now) }

  // MARK: StreamReader

  /// From the hub: other tracks or another publication need another ANNOUNCE.
  public func streamStarted(_ description: StreamDescription) {
    guard let announced, let egress else { return }
    let same =
      announced.tracks.count == description.tracks.count
      && zip(announced.tracks, description.tracks).allSatisfy { $0.codec == $1.codec && $0.clockRate == $1.clockRate }
    // Other tracks need another ANNOUNCE, and so does another publication: its times begin anew.
    guard same, description.continues || announced.epoch == description.epoch else {
      follow(Fault(.streamEnded, "another publication of \(name)"))
      return
    }
    egress.update(description.tracks)
  }

  /// From the hub, with each batch.
  public func receive(_ delivery: Delivery) { egress?.send(delivery) }
  /// From the hub; the connection stays.
  public func streamInterrupted(at: BootTime) {}
  /// From the hub: ends the session; the next publication is waited for.
  public func streamEnded(_ reason: Fault) { follow(reason) }

  /// From the hub, on ``loop``; nil while not connected.
  public func snapshot(at: BootTime) -> ReaderSnapshot? {
    guard let connection, let connectedAt, let egress else { return nil }
    return ReaderSnapshot(
      mediaProtocol: options.usesUDP ? .rtspUDP : .rtspTCP, remoteAddress: connection.remoteAddress, keyName: nil, since: connectedAt,
      outbound: egress.quality)
  }
}

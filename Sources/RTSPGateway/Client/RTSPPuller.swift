internal import Hub
internal import Logging
public import Model
internal import NIOCore
internal import Wire

/// Pulls one camera and publishes it as a device would: TCP first, then UDP, and again after growing waits for as long as it runs.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only; `start` and `stop` hop there.
public final class RTSPPuller: RTSPClientConnectionDelegate, @unchecked Sendable {
  /// A camera of the configuration.
  public struct Source: Hashable, Sendable {
    public var name: StreamName
    /// With user and password where the camera wants them.
    public var url: String
    public var deviceClass: DeviceClass

    public init(name: StreamName, url: String, deviceClass: DeviceClass = .highPoint) {
      self.name = name
      self.url = url
      self.deviceClass = deviceClass
    }
  }

  /// A camera that plays but sends nothing for so long is asked anew.
  static let silence = Nanoseconds.seconds(10)

  public let source: Source
  private let context: RTSPContext
  private let loop: any EventLoop
  private let url: RTSPURL
  private var state = PullState()
  private var generator = SystemRandomNumberGenerator()
  private var connection: RTSPClientConnection?
  private var publisher: PublisherSession?
  private var retry: Scheduled<Void>?
  private var isRunning = false
  private var establishedAt: BootTime?
  private var toldFault: FaultCode?

  /// - Throws: ``FaultCode/configInvalid`` for an address that is none.
  public init(_ source: Source, context: RTSPContext) throws(Fault) {
    guard let url = RTSPURL(source.url), url.scheme == "rtsp" else { throw Fault(.configInvalid, "\(source.name): not an rtsp:// address") }
    self.source = source
    self.context = context
    self.url = url
    loop = context.group.next()
  }

  public func start() {
    loop.execute { [self] in
      guard !isRunning else { return }
      isRunning = true
      attempt(state.first)
    }
  }

  /// Says farewell to the camera and stops.
  public func stop() async {
    try? await loop.submit { [self] in
      isRunning = false
      retry?.cancel()
      retry = nil
      connection?.tearDown()
    }.get()
  }

  // MARK: Attempts

  private func attempt(_ attempt: PullState.Attempt) {
    guard isRunning else { return }
    guard attempt.after > .zero else { return connect(attempt.transport) }
    retry = loop.scheduleTask(in: .nanoseconds(attempt.after.value)) { [weak self] in self?.connect(attempt.transport) }
  }

  private func connect(_ transport: PullState.Transport) {
    retry = nil
    guard isRunning else { return }
    establishedAt = nil
    var configuration = RTSPClientState.Configuration(url: url, role: .pull, clientNonce: RTSPContext.token())
    configuration.transports = transport == .tcp ? [.tcp, .udp] : [.udp, .tcp]
    RTSPClientConnection.connect(configuration, context: context, loop: loop, delegate: self).whenComplete { [self] result in
      switch result {
      case .success(let made): if isRunning { connection = made } else { made.tearDown() }
      case .failure(let error): failed(error as? Fault ?? Fault(.pullFailed, "\(url.host):\(url.port): \(error)"))
      }
    }
  }

  private func failed(_ fault: Fault) {
    let now = context.clock.bootTime()
    let next = state.failed(fault, connected: establishedAt != nil, at: now, using: &generator)
    tell(fault, retryAfter: next.after, at: now)
    attempt(next)
  }

  /// One fact a cause, not one a try: a mast without power for a night is one story.
  private func tell(_ fault: Fault, retryAfter: Nanoseconds, at now: BootTime) {
    guard isRunning else { return }
    context.logger.info(
      "\(fault)", metadata: ["stream": "\(source.name)", "url": "\(url.text)", "retrySeconds": "\(retryAfter.seconds)"])
    guard toldFault != fault.code else { return }
    toldFault = fault.code
    context.hub.facts.record(
      FactKind.pullFailed,
      [
        "stream": .string(source.name.path), "url": .string(url.text), "class": .string(source.deviceClass.rawValue),
        "code": .string(fault.code.rawValue), "origin": .string(fault.origin.rawValue), "detail": .string(fault.detail),
      ], at: now)
  }

  // MARK: RTSPClientConnectionDelegate

  func established(_ connection: RTSPClientConnection, _ media: RTSPEstablished) {
    establishedAt = context.clock.bootTime()
    let usesDatagrams = media.setUps.contains { !$0.path.isInterleaved }
    let plan = IngressPlan(media.tracks, usesDatagrams: usesDatagrams, trustedOrigin: nil)
    let publisher = PublisherSession(channel: connection.channel) { [weak connection] fault in connection?.end(fault) }
    let request = PublishRequest(
      name: source.name, tracks: plan.tracks, mediaProtocol: plan.mediaProtocol, remoteAddress: connection.remoteAddress,
      rtpPayloads: plan.payloads, loop: loop, source: publisher)
    connection.wire.holdMedia()
    context.hub.publish(request).hop(to: loop).whenComplete { [self] result in
      switch result {
      case .success(let publication):
        guard self.connection === connection || isRunning, connection.wire.isOpen else {
          return publication.finish(Fault(.publisherGone, connection.remoteAddress))
        }
        begin(publication, publisher, plan, media, connection)
        connection.wire.releaseMedia()
      case .failure(let error): connection.end(error as? Fault ?? Fault(.streamBusy, "\(error)"))
      }
    }
  }

  private func begin(
    _ publication: Publication, _ publisher: PublisherSession, _ plan: IngressPlan, _ media: RTSPEstablished,
    _ connection: RTSPClientConnection
  ) {
    let now = context.clock.bootTime()
    let ingress = MediaIngress(publication: publication, plan: plan, context: context, hop: .device, at: now)
    let setUps = plan.tracks.indices.map { index in media.setUps.first { $0.track.map(Int.init) == index } }
    let interval = context.settings.reportInterval
    self.publisher = publisher
    if plan.usesDatagrams {
      let senders = setUps.map { connection.sender($0) }
      for sender in senders { sender?.punch() }
      let publisherMedia = DatagramPublisher(
        ingress: ingress, datagrams: context.datagrams, peer: connection.peer, senders: senders, reportInterval: interval, at: now)
      publisher.start(publication, .datagrams(publisherMedia))
    } else {
      publisher.start(
        publication,
        .interleaved(InterleavedPublisher(ingress: ingress, wire: connection.wire, setUps: setUps, reportInterval: interval, at: now)))
    }
  }

  func receivedFrame(_ connection: RTSPClientConnection, channel: UInt8, _ packet: UnsafeRawBufferPointer) {}

  func ended(_ connection: RTSPClientConnection, _ fault: Fault) {
    if self.connection === connection { self.connection = nil }
    publisher?.finish(fault, at: context.clock.bootTime())
    publisher = nil
    failed(fault)
  }

  func tick(_ connection: RTSPClientConnection, at now: BootTime) {
    guard let establishedAt, let publisher else { return }
    let heard = publisher.lastMedia ?? establishedAt
    if heard > establishedAt {
      state.receivedMedia(at: heard)
      toldFault = nil
    }
    if publisher.saidGoodbye { return connection.end(Fault(.publisherGone, "RTCP BYE")) }
    if now - heard > RTSPPuller.silence { connection.end(Fault(.rtspTimeout, "\(connection.remoteAddress) sends no media")) }
  }
}

internal import Gateway
internal import Hub
internal import Logging
public import Model
internal import NIOCore
internal import RTPMedia
internal import Transport
internal import Wire

/// Pulls one camera and publishes it as a device would: TCP first, then UDP, and again after growing waits for as long as it runs.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only; `start` and `stop` hop there.
public final class RTSPPuller: RTSPClientConnectionDelegate, @unchecked Sendable {
  /// A camera of the configuration.
  public struct Source: Hashable, Sendable {
    /// Under which the camera is published.
    public var name: StreamName
    /// With user and password where the camera wants them.
    public var url: String
    /// For facts and the choice of the quality profile.
    public var deviceClass: DeviceClass
    /// Where the camera may redirect to besides its own host, with user and password: `host` for any port, or `host:port`.
    public var redirects: [String]

    /// A camera on a mast that redirects nowhere else, unless said otherwise.
    public init(name: StreamName, url: String, deviceClass: DeviceClass = .highPoint, redirects: [String] = []) {
      self.name = name
      self.url = url
      self.deviceClass = deviceClass
      self.redirects = redirects
    }
  }

  /// As the configuration has it.
  public let source: Source
  private let context: RTSPContext
  private let loop: MediaLoop
  private let url: RTSPURL
  /// Where this attempt has been sent on to.
  private var redirection: RTSPRedirection
  private var transport = PullState.Transport.tcp
  private var state = PullState()
  private var generator = SystemRandomNumberGenerator()
  private var connection: RTSPClientConnection?
  private var publisher: RTSPPublisher?
  private var retry: Scheduled<Void>?
  private var isRunning = false
  private var establishedAt: BootTime?
  /// False once the camera has hung up upon GET_PARAMETER.
  private var usesGetParameter = true
  /// The cause that is in the journal already.
  private var recordedFault: FaultCode?

  /// - Throws: ``FaultCode/configInvalid`` for an address that is none.
  public init(_ source: Source, context: RTSPContext) throws(Fault) {
    guard let url = RTSPURL(source.url), url.scheme == "rtsp" else { throw Fault(.configInvalid, "\(source.name): not an rtsp:// address") }
    self.source = source
    self.context = context
    self.url = url
    redirection = RTSPRedirection(url, listed: source.redirects)
    loop = context.environment.loops.nextLoop()
  }

  /// Connects, and again for as long as it runs. Once more does nothing.
  public func start() {
    loop.execute { [self] in
      guard !isRunning else { return }
      isRunning = true
      attempt(state.first)
    }
  }

  /// Sends the camera TEARDOWN and stops.
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
    self.transport = transport
    redirection = RTSPRedirection(url, listed: source.redirects)
    open(url)
  }

  private func open(_ url: RTSPURL) {
    guard isRunning else { return }
    establishedAt = nil
    var configuration = RTSPClientState.Configuration(url: url, role: .pull, clientNonce: RTSPContext.token())
    configuration.usesGetParameter = usesGetParameter
    configuration.transports = transport == .tcp ? [.tcp, .udp] : [.udp, .tcp]
    RTSPClientConnection.connect(configuration, context: context, loop: loop, delegate: self).whenComplete { [self] result in
      switch result {
      case .success(let made):
        guard isRunning else { return made.tearDown() }
        connection = made
        redirection.connected(to: made.framing.connection.remoteHost)
      case .failure(let error): failed(Fault(.pullFailed, (error as? Fault)?.detail ?? "\(url.host):\(url.port): \(error)"))
      }
    }
  }

  private func failed(_ fault: Fault) {
    let now = context.clock.bootTime()
    let next = state.failed(fault, connected: establishedAt != nil, at: now, using: &generator)
    record(fault, retryAfter: next.after, at: now)
    attempt(next)
  }

  /// One fact a cause, not one a try: a mast without power for a night is one story.
  private func record(_ fault: Fault, retryAfter: Nanoseconds, at now: BootTime) {
    guard isRunning else { return }
    context.environment.logger.info(
      "\(fault)", metadata: ["stream": "\(source.name)", "url": "\(url.text)", "retrySeconds": "\(retryAfter.seconds)"])
    guard recordedFault != fault.code else { return }
    recordedFault = fault.code
    context.environment.hub.facts.record(
      FactKind.pullFailed,
      [
        "stream": .string(source.name.path), "url": .string(url.text), "class": .string(source.deviceClass.rawValue),
        "code": .string(fault.code.rawValue), "origin": .string(fault.origin.rawValue), "detail": .string(fault.detail),
      ], at: now)
  }

  // MARK: RTSPClientConnectionDelegate

  func established(_ connection: RTSPClientConnection, _ media: RTSPEstablished) {
    establishedAt = context.clock.bootTime()
    let path = connection.path(media, tracks: media.tracks.count)
    let reception = ReceptionPlan(tracks: media.tracks.map(\.track), payloads: media.tracks.map(\.payload), reorders: path.usesDatagrams)
    var plan = PublisherPlan(name: source.name, mediaProtocol: path.usesDatagrams ? .rtspUDP : .rtspTCP, grant: AccessGrant())
    plan.rtpPayloads = reception.payloads
    let publisher = RTSPPublisher(plan, reception, path: path, framing: connection.framing, peer: connection.peer, context: context) {
      [weak connection] in
      connection?.end($0)
    }
    self.publisher = publisher
    publisher.start { [weak self, weak connection] fault in
      if let fault { connection?.end(fault) } else if self?.publisher === publisher { publisher.punch() }
    }
  }

  func receivedFrame(_ connection: RTSPClientConnection, channel: UInt8, _ packet: UnsafeRawBufferPointer) {}

  func ended(_ connection: RTSPClientConnection, _ fault: Fault) {
    if self.connection === connection { self.connection = nil }
    if connection.isLostToGetParameter { usesGetParameter = false }
    publisher?.finish(fault)
    publisher = nil
    failed(fault)
  }

  func redirected(_ connection: RTSPClientConnection, to location: String, isProxy: Bool) {
    if self.connection === connection { self.connection = nil }
    publisher?.finish(Fault(.streamEnded, "REDIRECT"))
    publisher = nil
    do throws(Fault) {
      let target = try redirection.follow(location, isProxy: isProxy)
      context.environment.logger.info(
        "摄像机要求转到另一地址 | the camera redirects", metadata: ["stream": "\(source.name)", "url": "\(url.text)", "to": "\(target.text)"])
      open(target)
    } catch { failed(error) }
  }

  func tick(_ connection: RTSPClientConnection, at now: BootTime) {
    guard let establishedAt, let publisher else { return }
    let media = publisher.lastMedia.flatMap { $0 > establishedAt ? $0 : nil }
    let received = PullState.Received(
      established: establishedAt, media: media, picture: publisher.lastPicture, hasVideo: publisher.hasVideo)
    let fault = state.judge(received, silence: context.settings.pullSilence, at: now)
    if state.isWhole(received) { recordedFault = nil }
    if publisher.hasLeft(at: now) { return connection.tearDown(Fault(.publisherGone, "RTCP BYE")) }
    if let fault { connection.tearDown(Fault(fault.code, "\(connection.remoteAddress): \(fault.detail)")) }
  }
}

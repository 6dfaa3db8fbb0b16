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

    /// A camera on a mast unless said otherwise.
    public init(name: StreamName, url: String, deviceClass: DeviceClass = .highPoint) {
      self.name = name
      self.url = url
      self.deviceClass = deviceClass
    }
  }

  /// A camera that plays but sends nothing for so long is asked anew.
  static let silence = Nanoseconds.seconds(10)

  /// As the configuration has it.
  public let source: Source
  private let context: RTSPContext
  private let loop: MediaLoop
  private let url: RTSPURL
  private var state = PullState()
  private var generator = SystemRandomNumberGenerator()
  private var connection: RTSPClientConnection?
  private var publisher: RTSPPublisher?
  private var retry: Scheduled<Void>?
  private var isRunning = false
  private var establishedAt: BootTime?
  /// The cause that is in the journal already.
  private var recordedFault: FaultCode?

  /// - Throws: ``FaultCode/configInvalid`` for an address that is none.
  public init(_ source: Source, context: RTSPContext) throws(Fault) {
    guard let url = RTSPURL(source.url), url.scheme == "rtsp" else { throw Fault(.configInvalid, "\(source.name): not an rtsp:// address") }
    self.source = source
    self.context = context
    self.url = url
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
    guard isRunning else { return }
    establishedAt = nil
    var configuration = RTSPClientState.Configuration(url: url, role: .pull, clientNonce: RTSPContext.token())
    configuration.transports = transport == .tcp ? [.tcp, .udp] : [.udp, .tcp]
    RTSPClientConnection.connect(configuration, context: context, loop: loop, delegate: self).whenComplete { [self] result in
      switch result {
      case .success(let made): if isRunning { connection = made } else { made.tearDown() }
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
    publisher?.finish(fault)
    publisher = nil
    failed(fault)
  }

  func tick(_ connection: RTSPClientConnection, at now: BootTime) {
    guard let establishedAt, let publisher else { return }
    let received = publisher.lastMedia ?? establishedAt
    if received > establishedAt {
      state.receivedMedia(at: received)
      recordedFault = nil
    }
    if publisher.hasLeft { return connection.end(Fault(.publisherGone, "RTCP BYE")) }
    if now - received > RTSPPuller.silence { connection.end(Fault(.rtspTimeout, "\(connection.remoteAddress) sends no media")) }
  }
}

public import Hub
internal import Logging
public import Measure
public import Model
public import NIOCore
internal import Transport

/// One reader from its subscription to its end, whatever the protocol: the gate of slow readers, their account, progress, round trip, figures.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only, which is the connection's.
public final class ReaderSession: StreamReader, @unchecked Sendable {
  /// Who reads what, as facts and pages show it.
  public struct Identity: Sendable {
    /// What is read; it need not be live.
    public var name: StreamName
    /// For facts, pages and the choice of the measuring method.
    public var mediaProtocol: MediaProtocol
    /// By what right; the key's name appears in facts and pages.
    public var grant: AccessGrant
    /// Names the session in figures.
    public var session: String

    /// `session` is the protocol's own id where it has one.
    public init(name: StreamName, mediaProtocol: MediaProtocol, grant: AccessGrant, session: String) {
      self.name = name
      self.mediaProtocol = mediaProtocol
      self.grant = grant
      self.session = session
    }
  }

  /// As the protocol made it.
  public let identity: Identity
  /// The connection's.
  public let loop: any EventLoop
  private let environment: GatewayEnvironment
  private let channel: MediaChannel
  private let remoteAddress: String
  private let since: BootTime
  /// Nil once stopped: the sink's connection holds this session.
  private var sink: (any ReaderSink)?
  private var gate = ReaderGate()
  private var meter: OutboundMeter
  private var subscription: Subscription?
  private var roundTrip = RoundTripTimer()
  private var warnedDrops: UInt64 = 0
  /// Since when it has had room and no place to begin; nil otherwise.
  private var idleSince: BootTime?
  /// Longer than any group of pictures that a sender means to be joined.
  private static let startPatience = Nanoseconds.seconds(5)
  private var isStarted = false
  /// A paused reader is sent nothing, which does not count as dropped; afterwards it begins with a key frame.
  public var isPaused = false
  /// When the sink last had room.
  public private(set) var lastProgress: BootTime

  /// - Parameter sink: held until ``stop()``.
  public init(_ identity: Identity, sink: any ReaderSink, connection: GatewayConnection, environment: GatewayEnvironment) {
    self.identity = identity
    self.sink = sink
    self.environment = environment
    channel = connection.channel
    loop = connection.loop
    remoteAddress = connection.remoteAddress
    since = environment.clock.bootTime()
    lastProgress = since
    meter = OutboundMeter(method: identity.mediaProtocol.method, hop: .viewer, session: identity.session)
  }

  /// One line; who goes is told with the fact `reader.ended`.
  private func tellArrival() {
    environment.logger.info(
      "reader came",
      metadata: [
        "stream": "\(identity.name)", "remote": "\(remoteAddress)", "protocol": "\(identity.mediaProtocol.rawValue)",
        "key": "\(identity.grant.keyName ?? "-")",
      ])
  }

  // MARK: Subscription

  /// Joins the stream, which need not be live yet.
  public func subscribe(_ form: ReaderForm) {
    tellArrival()
    environment.hub.subscribe(self, to: identity.name, form: form).hop(to: loop).whenSuccess { [self] subscription in
      guard sink != nil else { return subscription.cancel() }
      self.subscription = subscription
      channel.ticket?.known()
    }
  }

  /// Ends the subscription and lets the sink go; once more does nothing.
  public func stop() {
    sink = nil
    subscription?.cancel()
    subscription = nil
  }

  /// Asks the publisher for a key frame.
  public func requestKeyframe() { subscription?.requestKeyframe() }

  /// Lets the sink's protocol note what the reader reports.
  public func report(_ body: (inout OutboundMeter) -> Void) { body(&meter) }

  // MARK: StreamReader

  /// From the hub; the sink may refuse to go on.
  public func streamStarted(_ description: StreamDescription) {
    guard let sink else { return }
    // Without pictures there is no key frame to wait for.
    if !isStarted, !description.tracks.contains(where: \.codec.isVideo) { gate = ReaderGate(startsAtKey: false) }
    isStarted = true
    if let fault = sink.started(description) { sink.ended(fault) }
  }

  /// From the hub, with each batch: writes it, or drops to the next key frame.
  public func receive(_ delivery: Delivery) {
    guard let sink else { return }
    guard !isPaused else { return gate.pause() }
    let isWritable = sink.isWritable
    // What comes from the cache arrived long ago.
    if isWritable { lastProgress = max(lastProgress, delivery.arrival) }
    guard let bytes = gate.admit(delivery, writable: isWritable) else {
      meter.dropped(frames: delivery.unitCount)
      return
    }
    guard bytes.readableBytes > 0 else { return }
    let packets = sink.write(bytes, delivery)
    meter.sent(bytes: bytes.readableBytes, packets: packets, frames: delivery.unitCount)
  }

  /// From the hub; readers stay and wait.
  public func streamInterrupted(at: BootTime) {}
  /// From the hub, after the takeover window.
  public func streamEnded(_ reason: Fault) { sink?.ended(reason) }

  /// From the hub, to readers of RTP.
  public func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {
    sink?.senderReport(track: track, wall: wall, rtpTimestamp: rtpTimestamp)
  }

  /// From the hub, on ``loop``.
  public func snapshot(at: BootTime) -> ReaderSnapshot? {
    ReaderSnapshot(
      mediaProtocol: identity.mediaProtocol, remoteAddress: remoteAddress, keyName: identity.grant.keyName, since: since,
      outbound: meter.quality)
  }

  // MARK: Once a second

  /// By the connection.
  public func tick(at now: BootTime) {
    guard let sink else { return }
    if sink.isWritable { lastProgress = max(lastProgress, now) }
    if !sink.reportsRoundTrip { roundTrip.tick(channel) { [weak self] in self?.meter.roundTrip($0, method: "tcp-info") } }
    sink.readerTick(at: now)
    idleSince = gate.dropping && isStarted && !isPaused && sink.isWritable ? idleSince ?? now : nil
    if let idleSince, now - idleSince >= ReaderSession.startPatience { subscription?.waitsForStart() }
    guard gate.drops > warnedDrops else { return }
    warnedDrops = gate.drops
    environment.logger.warning(
      "reader too slow: dropped to the next key frame",
      metadata: [
        "stream": "\(identity.name)", "remote": "\(remoteAddress)", "times": "\(gate.drops)", "frames": "\(gate.droppedUnits)",
        "bytes": "\(gate.droppedBytes)",
      ])
  }
}

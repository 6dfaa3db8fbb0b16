public import Hub
public import Measure
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import Transport

/// One publisher from its first byte to its end, whatever the protocol: gathers tracks, asks the hub, measures, posts once a read, ends.
///
///     gathering ──tracks known──► asking ──admitted──► live ──finish──► done
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only, calls from the hub hop there first; figures are behind a lock.
public final class PublisherSession<Intake: MediaIntake>: PublicationSource, @unchecked Sendable {
  private enum State {
    case gathering
    case asking
    case live
    case done
  }

  private let environment: GatewayEnvironment
  /// The connection whose kernel is asked for the round trip, also while media goes by UDP.
  private let channel: MediaChannel
  private let remoteAddress: String
  /// As the protocol made it; it does not change.
  public let plan: PublisherPlan
  /// Held until the session is done.
  private var transport: (any PublisherTransport)?
  private var state = State.gathering
  @usableFromInline var intake: Intake
  /// Counts nothing; stands in before the session is live.
  @usableFromInline var idle: SessionMeter
  @usableFromInline var measured: MeasuredSession?
  @usableFromInline var publication: Publication?
  @usableFromInline var mediaTime: BootTime
  private var roundTrip = RoundTripTimer()
  private let figures = NIOLockedValueBox<MeasuredSession?>(nil)
  private var clockRepairs = ClockRepairLedger()
  /// As of the last second, for other threads than the session's.
  private let repairs = NIOLockedValueBox(MediaRepairs())
  /// Called once, when the hub has admitted the stream or refused it.
  private var admitted: ((Fault?) -> Void)?

  /// - Parameter transport: held until the session is done.
  public init(
    _ plan: PublisherPlan, intake: Intake, connection: GatewayConnection, environment: GatewayEnvironment, transport: any PublisherTransport
  ) {
    self.plan = plan
    self.intake = intake
    self.environment = environment
    self.transport = transport
    channel = connection.channel
    remoteAddress = connection.remoteAddress
    mediaTime = environment.clock.bootTime()
    idle = SessionMeter.idle(header: PublisherSession.header(plan, environment, session: "", epoch: 0, tracks: [], started: mediaTime))
  }

  private var loop: any EventLoop { channel.eventLoop }
  /// When media was last received; the session's beginning before the first.
  public var lastMedia: BootTime { mediaTime }
  /// Whether the hub has admitted the stream and it has not ended; on the loop.
  public var isLive: Bool { measured != nil }

  // MARK: Media

  /// Lets a read's bytes into the intake, all of them as one access. What they complete leaves with the next ``post(_:arrival:)``.
  @inlinable @inline(__always)
  public func receive<R, Failure: Error>(_ body: (inout Intake, inout SessionMeter) throws(Failure) -> R) throws(Failure) -> R {
    guard let measured else { return try body(&intake, &idle) }
    return try measured.withMeter { meter throws(Failure) in try body(&intake, &meter) }
  }

  /// Hands over what one read brought.
  ///
  /// Inlinable, so that each protocol's read works on its own intake in place: unspecialised, the intake is copied with each read.
  /// - Parameter packets: of protocols that pass their packets on: framed and back to back (``RTPFrames``); nil when the read brought none.
  @inlinable
  public func post(_ packets: ByteBuffer? = nil, arrival: BootTime) {
    guard let publication, let measured else { return gather(at: arrival) }
    if let news = intake.removeNews() { announce(news, publication, measured, at: arrival) }
    let batch = intake.removeBatch(packetBytes: packets?.readableBytes ?? 0)
    guard !batch.units.isEmpty || packets != nil else { return }
    mediaTime = arrival
    publication.post(
      MediaBatch(
        units: batch.units, packets: packets ?? ByteBuffer(), keyUnitOffset: batch.keyUnitOffset, edits: batch.edits, arrival: arrival))
  }

  @usableFromInline
  func announce(_ news: IntakeNews, _ publication: Publication, _ measured: MeasuredSession, at now: BootTime) {
    if let tracks = news.tracks {
      for track in tracks { measured.format(track, at: now) }
      publication.update(tracks: tracks)
    }
    for clock in news.senderClocks { publication.senderReport(track: clock.track, wall: clock.wall, rtpTimestamp: clock.rtpTimestamp) }
    for transit in news.transits { measured.transit(track: transit.track, sent: transit.sent, arrived: transit.arrived) }
    for repair in news.clockRepairs {
      if let entry = clockRepairs.note(repair, at: now) { record(entry, of: publication, at: now) }
    }
  }

  private func record(_ entry: ClockRepairLedger.Entry, of publication: Publication, at now: BootTime) {
    environment.hub.facts.record(
      StreamClockRepairedFact(stream: plan.name, session: publication.session, repair: entry.repair, count: entry.count), at: now)
  }

  /// Not live yet.
  @usableFromInline
  func gather(at now: BootTime) {
    guard state != .done else { return intake.dropHeld() }
    guard let held = intake.held else { return }
    mediaTime = now
    if state == .gathering, intake.isComplete { return ask() }
    if held.bytes > plan.heldBytes { intake.dropHeld() }
  }

  // MARK: Admission

  /// Whether the name is free, asked before any media came, so that a second publisher of a live name is refused at once. The hub has the last word when
  /// the tracks are known. `answer` is called on the connection's loop.
  public func check(_ answer: @escaping (Fault?) -> Void) {
    let request = request(tracks: [])
    environment.hub.check(request).hop(to: loop).assumeIsolated().whenComplete { result in
      switch result {
      case .success: answer(nil)
      case .failure(let error): answer(error as? Fault ?? Fault(.streamBusy, "\(error)"))
      }
    }
  }

  /// Asks the hub now: a protocol that describes its tracks before media calls it itself, others are asked for when their intake is complete.
  /// - Parameter admitted: called on the connection's loop with nil, or with why not; not at all when the session ends before. Without one a refusal
  ///   ends the connection.
  public func ask(_ admitted: ((Fault?) -> Void)? = nil) {
    guard state == .gathering else { return }
    state = .asking
    self.admitted = admitted
    let tracks = intake.tracks
    environment.hub.publish(request(tracks: tracks)).hop(to: loop).assumeIsolated().whenComplete { [self] result in
      switch result {
      case .success(let publication): begin(publication, tracks)
      case .failure(let error): refused(error as? Fault ?? Fault(.streamBusy, "\(error)"))
      }
    }
  }

  private func request(tracks: [Track]) -> PublishRequest {
    PublishRequest(
      name: plan.name, tracks: tracks, mediaProtocol: plan.mediaProtocol, remoteAddress: remoteAddress, keyName: plan.grant.keyName,
      origin: plan.origin, rtpPayloads: plan.rtpPayloads, sharedClock: Intake.hasSharedClock, loop: loop, source: self)
  }

  private func begin(_ publication: Publication, _ tracks: [Track]) {
    guard state == .asking else { return publication.finish(Fault(.publisherGone, remoteAddress)) }
    let now = environment.clock.bootTime()
    let header = PublisherSession.header(
      plan, environment, session: publication.session, epoch: publication.epoch, tracks: tracks, started: intake.held?.since ?? now)
    let measured = MeasuredSession(
      header: header, measuring: environment.measuring, receiveBufferErrors: transport?.receiveBufferErrors, isShared: !publication.isOnStreamLoop)
    figures.withLockedValue { $0 = measured }
    let identity = PublicationIdentity(origin: publication.origin, epoch: publication.epoch)
    measured.withMeter { intake.begin(identity, &$0) }
    self.publication = publication
    self.measured = measured
    state = .live
    channel.ticket?.known()
    let answer = admitted
    admitted = nil
    answer?(nil)
    post(arrival: lastMedia)
  }

  private func refused(_ fault: Fault) {
    guard state == .asking else { return }
    let answer = admitted
    admitted = nil
    if let answer { answer(fault) } else { transport?.end(fault) }
  }

  private static func header(
    _ plan: PublisherPlan, _ environment: GatewayEnvironment, session: String, epoch: UInt64, tracks: [Track], started: BootTime
  ) -> SampleHeader {
    let registered = environment.measuring.registeredFrameRateMilli(plan.name)
    return SampleHeader(
      node: environment.hub.node, boot: environment.clock.bootID, stream: plan.name, session: session, hop: plan.hop,
      mediaProtocol: plan.mediaProtocol, roundTripMethod: "tcp-info", epoch: epoch, started: started,
      startedWall: environment.clock.wallTime(),
      tracks: tracks.map { SampleTrack($0, registeredFrameRateMilli: $0.codec.isVideo ? registered : nil) })
  }

  // MARK: Endings

  /// The media is over: posts what is open, closes the counters, ends the publication. The second call does nothing.
  public func finish(_ reason: Fault) {
    guard state != .done else { return }
    state = .done
    admitted = nil
    transport = nil
    guard let publication, let measured else { return intake.dropHeld() }
    measured.withMeter { intake.flush(&$0) }
    post(arrival: lastMedia)
    let now = environment.clock.bootTime()
    for entry in clockRepairs.removeDue(at: now, isOver: true) { record(entry, of: publication, at: now) }
    measured.close(at: environment.clock.bootTime())
    publication.finish(reason)
    self.publication = nil
    self.measured = nil
  }

  // MARK: Once a second

  /// By the connection: one that is silent for too long is ended; one that announced a track and never sent it is admitted with what is there.
  public func sweep(at now: BootTime) {
    if let silence = plan.silence, now - lastMedia > silence {
      transport?.end(Fault(.publisherGone, "\(remoteAddress): silent for \(silence.value / 1_000_000) ms"))
    }
    guard state == .gathering, let held = intake.held, now - held.since > plan.announceWait, !intake.tracks.isEmpty else { return }
    ask()
  }

  /// A round trip taken by request and answer, for connections whose kernel figure cannot be had.
  public func roundTrip(_ value: Nanoseconds, at now: BootTime) { measured?.roundTrip(value, at: now) }

  /// The block of our next receiver report about a track; nil before its first packet.
  public func reportBlock(track: UInt8) -> Measure.ReportBlock? { measured?.reportBlock(track: track) }

  /// Notes how long a datagram lay in the kernel.
  @inlinable
  public func read(lag: Nanoseconds) { measured?.read(lag: lag) }

  /// The node's wall clock was stepped, forward if `step` is above zero: closes the measuring window.
  public func clockStepped(by step: Nanoseconds, at now: BootTime) { measured?.clockStepped(by: step, at: now) }

  // MARK: PublicationSource

  /// From the hub: taken over, or ended by an operator.
  public func close(_ reason: Fault) { onLoop { $0.transport?.end(reason) } }
  /// From the hub, for a reader or a probe.
  public func requestKeyframe(track: UInt8) { onLoop { $0.transport?.requestKeyframe(track: Int(track)) } }
  /// From the hub: what probes saw of picture and sound, for the samples.
  public func probed(_ events: [SampleEvent]) { onLoop { $0.measured?.probed(events) } }

  /// From the hub, once a second while live: figures, then the protocol's reports.
  public func tick(at now: BootTime) {
    onLoop { session in
      guard let measured = session.measured else { return }
      session.roundTrip.tick(session.channel) { measured.roundTrip($0, at: now) }
      if let errors = session.transport?.receiveBufferErrors {
        measured.tick(at: now, receiveBufferErrors: errors)
      } else {
        measured.tick(at: now, on: session.loop)
      }
      session.transport?.publisherTick(at: now)
      session.sumRepairs(at: now)
    }
  }

  private func sumRepairs(at now: BootTime) {
    let sum = intake.repairs
    repairs.withLockedValue { $0 = sum }
    guard let publication else { return }
    for entry in clockRepairs.removeDue(at: now) { record(entry, of: publication, at: now) }
  }

  /// From any thread; off the session's loop, as of the last second.
  public func mediaRepairs() -> MediaRepairs { loop.inEventLoop ? intake.repairs : repairs.withLockedValue { $0 } }

  /// From any thread; nil before admission, and off the session's loop when the stream lives on it.
  public func inboundQuality(at now: BootTime) -> InboundQuality? {
    guard let session = figures.withLockedValue({ $0 }) else { return nil }
    return loop.inEventLoop ? session.quality(at: now) : session.sharedQuality(at: now)
  }

  private func onLoop(_ body: @escaping @Sendable (PublisherSession) -> Void) {
    if loop.inEventLoop { body(self) } else { loop.execute { body(self) } }
  }
}

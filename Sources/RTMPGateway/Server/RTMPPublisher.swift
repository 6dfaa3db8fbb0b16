internal import Glibc
internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Wire

/// A publisher's media on its way to the hub: gathers until the tracks are known, then numbers, measures and posts once a read.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only; calls from the hub hop there first.
final class RTMPPublisher: PublicationSource, @unchecked Sendable {
  private enum State {
    /// Waiting for sequence headers, since the first message.
    case gathering(since: BootTime?)
    /// The hub has been asked.
    case asking
    case live(Publication, MeasuredSession)
    case done
  }

  /// Bytes that may come before the publication is admitted.
  private static let maximumHeld = 16 << 20

  private let context: RTMPContext
  private let channel: any Channel
  private let name: StreamName
  private let keyName: String?
  private let remoteAddress: String
  private let failed: (Fault) -> Void
  // Unchecked as in RTMPConnection: one loop, no re-entrance.
  private var state = State.gathering(since: nil)
  private var reader: FLVUnitReader
  private var units: [AccessUnit] = []
  private var held = 0
  private var tracksChanged = false
  /// When the newest unit came; the publication's acceptance before the first.
  private(set) var lastMedia: BootTime
  /// Seconds until the next look at the connection's round trip.
  private var roundTripIn = 1
  private let measured = NIOLockedValueBox<MeasuredSession?>(nil)

  /// - Parameter failed: ends the connection with a reason; called on its loop.
  init(
    context: RTMPContext, channel: any Channel, name: StreamName, keyName: String?, remoteAddress: String, failed: @escaping (Fault) -> Void
  ) {
    self.context = context
    self.channel = channel
    self.name = name
    self.keyName = keyName
    self.remoteAddress = remoteAddress
    self.failed = failed
    lastMedia = context.clock.bootTime()
    reader = FLVUnitReader(id: AccessUnitID(origin: UnitOrigin(node: context.hub.node, path: name), epoch: 0, number: 0))
  }

  private var loop: any EventLoop { channel.eventLoop }

  // MARK: Media

  /// Takes one message; what it completes goes out with the next ``post(arrival:)``.
  func take(_ message: RTMPMessage, arrival: BootTime) throws(Fault) {
    let before = units.count
    if try reader.read(message, arrival: arrival, into: &units) { tracksChanged = true }
    guard units.count > before else { return }
    lastMedia = arrival
    if case .live(_, let session) = state {
      measure(from: before, session)
    } else {
      for index in before..<units.count { held &+= units[index].payload.readableBytes }
    }
  }

  @inline(__always)
  private func measure(from first: Int, _ session: MeasuredSession) {
    for index in first..<units.count {
      session.bytes(units[index].payload.readableBytes, track: units[index].track)
      session.unit(units[index])
    }
  }

  /// Hands over what one read brought.
  func post(arrival: BootTime) {
    switch state {
    case .live(let publication, let session):
      if tracksChanged { tellTracks(publication, session, at: arrival) }
      guard !units.isEmpty else { return }
      let batch = units
      units = []
      publication.post(MediaBatch(units: batch, arrival: arrival))
    case .gathering(let since):
      if since == nil, tracksChanged || !units.isEmpty { state = .gathering(since: arrival) }
      if reader.isComplete, !units.isEmpty { ask() } else { limitHeld() }
    case .asking: limitHeld()
    case .done: units = []
    }
  }

  private func tellTracks(_ publication: Publication, _ session: MeasuredSession, at now: BootTime) {
    tracksChanged = false
    for track in reader.tracks { session.format(track, at: now) }
    publication.update(tracks: reader.tracks)
  }

  private func limitHeld() {
    guard held > RTMPPublisher.maximumHeld else { return }
    units = []
    held = 0
  }

  // MARK: Admission

  private func ask() {
    state = .asking
    tracksChanged = false
    let request = PublishRequest(
      name: name, tracks: reader.tracks, mediaProtocol: .rtmp, remoteAddress: remoteAddress, keyName: keyName, sharedClock: true,
      loop: loop, source: self)
    let answer = context.hub.publish(request)
    answer.hop(to: loop).whenComplete { [self] result in
      switch result {
      case .success(let publication): begin(publication, tracks: request.tracks, isShared: answer.eventLoop !== loop)
      case .failure(let error): if case .asking = state { failed(error as? Fault ?? Fault(.streamBusy, "\(error)")) }
      }
    }
  }

  /// - Parameter isShared: the stream lives on another loop, which will ask for figures.
  private func begin(_ publication: Publication, tracks: [Track], isShared: Bool) {
    guard case .asking = state else { return publication.finish(Fault(.publisherGone, remoteAddress)) }
    let now = context.clock.bootTime()
    let session = MeasuredSession(header: header(publication, tracks, at: now), measuring: context.measuring, isShared: isShared)
    measured.withLockedValue { $0 = session }
    state = .live(publication, session)
    renumber(publication)
    measure(from: 0, session)
    held = 0
    post(arrival: units.last?.arrival ?? now)
  }

  /// What came before the publication had an epoch gets its place in it.
  private func renumber(_ publication: Publication) {
    reader.nextID = AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: 1)
    for index in units.indices {
      units[index].id = reader.nextID
      reader.nextID.number &+= 1
    }
  }

  private func header(_ publication: Publication, _ tracks: [Track], at now: BootTime) -> SampleHeader {
    let registered = context.measuring.registeredFrameRateMilli(name)
    return SampleHeader(
      node: context.hub.node, boot: context.clock.bootID, stream: name, session: publication.session, hop: .device, mediaProtocol: .rtmp,
      roundTripMethod: "tcp-info", epoch: publication.epoch, started: units.first?.firstArrival ?? now,
      startedWall: context.clock.wallTime(),
      tracks: tracks.map { SampleTrack($0, registeredFrameRateMilli: $0.codec.isVideo ? registered : nil) })
  }

  /// Once a second: a publisher that announced a track and never sent it is admitted with what is there.
  func sweep(at now: BootTime) {
    guard case .gathering(let since?) = state, now - since > context.settings.announceWait else { return }
    if !reader.tracks.isEmpty, !units.isEmpty { ask() }
  }

  // MARK: Endings

  /// The media is over. The second call does nothing.
  func finish(_ reason: Fault) {
    if case .live(let publication, let session) = state {
      session.close(at: context.clock.bootTime())
      publication.finish(reason)
    }
    state = .done
    units = []
  }

  // MARK: PublicationSource

  func close(_ reason: Fault) { onLoop { $0.failed(reason) } }

  /// RTMP has no way to ask.
  func requestKeyframe(track: UInt8) {}

  func tick(at now: BootTime) {
    onLoop { publisher in
      guard case .live(_, let session) = publisher.state else { return }
      publisher.measureRoundTrip(session, at: now)
      session.tick(at: now, on: publisher.loop)
    }
  }

  func probed(_ events: [SampleEvent]) {
    onLoop { publisher in if case .live(_, let session) = publisher.state { session.probed(events) } }
  }

  func inboundQuality(at now: BootTime) -> InboundQuality? {
    guard let session = measured.withLockedValue({ $0 }) else { return nil }
    return loop.inEventLoop ? session.quality(at: now) : session.sharedQuality(at: now)
  }

  private func measureRoundTrip(_ session: MeasuredSession, at now: BootTime) {
    roundTripIn -= 1
    guard roundTripIn <= 0, let asked = ConnectionRoundTrip.measure(channel) else { return }
    roundTripIn = 5
    asked.whenSuccess { trip in
      if let trip { session.roundTrip(trip, at: now) }
    }
  }

  private func onLoop(_ body: @escaping @Sendable (RTMPPublisher) -> Void) {
    if loop.inEventLoop { body(self) } else { loop.execute { body(self) } }
  }
}

internal import Logging
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// One stream: its publisher, its time line, its caches and readers.
///
/// `@unchecked Sendable`: everything mutable is touched on ``loop`` only; every entry asserts it in debug builds.
final class LiveStream: @unchecked Sendable {
  struct Current {
    let publication: Publication
    let request: PublishRequest
    var sawPacket = false
    var sawKeyframe = false
    /// Set until the first unit after a gap carried its flag.
    var discontinuity: Bool
    var gapSince: BootTime?
  }

  let name: StreamName
  let loop: any EventLoop
  private let context: HubContext
  private let journal: StreamFacts
  private var state = StreamState.idle
  private var current: Current?
  private(set) var description: StreamDescription?
  private var timeline: Timeline?
  private var keyTrack: UInt8?
  private var lastMedia: BootTime?
  /// Arrival of the newest unit of ``keyTrack``.
  private var lastPicture: BootTime?
  private var startedAt: BootTime?
  private var newestUnit: AccessUnitID?
  private var units: UnitCache
  private var unitForm: SharedForm
  private var rtpForm: SharedForm?
  private var continuity = RTPContinuity()
  private var lastPackets: [RTPContinuity.Last?] = []
  private var senderReports: [UInt8: (wall: WallTime, rtpTimestamp: UInt32)] = [:]
  private var forms: [String: SharedForm] = [:]
  private var formOf: [ObjectIdentifier: SharedForm] = [:]
  private var startWish = StartWish()
  private var waiting: [Waiter] = []
  private var linger: Scheduled<Void>?
  /// Set once the registry has let go of this object; whoever still finds it asks the registry again.
  private(set) var retired = false

  struct Waiter {
    let id: UInt64
    let promise: EventLoopPromise<StreamDescription?>
  }

  init(name: StreamName, loop: any EventLoop, context: HubContext) {
    self.name = name
    self.loop = loop
    self.context = context
    journal = StreamFacts(name: name, facts: context.facts)
    units = UnitCache(limit: context.settings.gopCacheBytes)
    unitForm = SharedForm(content: .units, cacheLimit: 0)
  }

  // MARK: Publishing

  /// Whether this publisher would be admitted now. One that publishes already is not refused against itself.
  func check(_ request: PublishRequest) -> Result<Void, Fault> {
    loop.assertInEventLoop()
    if current?.request.source === request.source { return .success(()) }
    let now = context.clock.bootTime()
    guard case .refuse = admission(at: now) else { return .success(()) }
    return .failure(refuse(request, at: now))
  }

  private func admission(at now: BootTime) -> StreamState.Admission {
    state.admission(at: now, lastMedia: lastMedia ?? startedAt, policy: context.settings.secondPublisher)
  }

  private func refuse(_ request: PublishRequest, at now: BootTime) -> Fault {
    journal.refused(request, .streamBusy, at: now)
    return Fault(.streamBusy, name.path)
  }

  func publish(_ request: PublishRequest) -> Result<Publication, Fault> {
    loop.assertInEventLoop()
    let now = context.clock.bootTime()
    switch admission(at: now) {
    case .refuse: return .failure(refuse(request, at: now))
    case .start: return .success(start(request, at: now, gapSince: nil))
    case .resume(let since): return .success(start(request, at: now, gapSince: since))
    case .takeOver:
      let since = lastMedia ?? now
      let replaced = current
      interrupt(Fault(.publisherGone, "taken over by \(request.remoteAddress)"), at: now)
      replaced?.request.source.close(Fault(.streamBusy, "taken over by \(request.remoteAddress)"))
      return .success(start(request, at: now, gapSince: since))
    }
  }

  private func start(_ request: PublishRequest, at now: BootTime, gapSince: BootTime?) -> Publication {
    linger?.cancel()
    linger = nil
    let continues = gapSince != nil && description.map { LiveStream.sameShape($0, request) } ?? false
    let origin = request.origin ?? UnitOrigin(node: context.node, path: name)
    let epoch = context.nextEpoch()
    let publication = Publication(
      stream: self, id: epoch, origin: origin, epoch: epoch, session: "\(context.node)-\(epoch)", resumed: continues)
    state = .live(publication: epoch)
    startedAt = now
    current = Current(publication: publication, request: request, discontinuity: gapSince != nil, gapSince: gapSince)
    timeline = Timeline(after: continues ? timeline : nil, at: now, sharedClock: request.sharedClock)
    keyTrack = request.tracks.first { $0.codec.isVideo }?.index
    startWish = StartWish()
    let previousSession = description?.session
    let shown = StreamDescription(
      name: name, tracks: request.tracks, mediaProtocol: request.mediaProtocol, origin: origin, epoch: epoch, session: publication.session,
      rtpPayloads: continues ? description?.rtpPayloads ?? request.rtpPayloads : request.rtpPayloads, continues: continues)
    description = shown
    prepareForms(shown, continues: continues, at: now)
    if gapSince == nil {
      journal.started(request, publication, at: now)
    } else {
      journal.resumed(request, publication, previousSession: previousSession, at: now)
    }
    announceToReaders { $0.streamStarted(shown) }
    answerWaiters()
    return publication
  }

  private func prepareForms(_ shown: StreamDescription, continues: Bool, at now: BootTime) {
    // Packets that may change their order cannot be put together again from the cache; there the bytes are kept.
    let hasPackets = !shown.rtpPayloads.isEmpty && shown.mediaProtocol.keepsPacketOrder
    units.restart(keepsBytes: !hasPackets)
    if shown.rtpPayloads.isEmpty {
      if rtpForm != nil, !continues { restartForms(shown) }
      continuity = RTPContinuity()
    } else {
      if let form = rtpForm {
        if continues {
          continuity = RTPContinuity(resuming: lastPackets, elapsed: lastMedia.map { now - $0 } ?? .zero)
          form.forgetCache()
        } else {
          form.restart(.publisherRTP)
          continuity = RTPContinuity()
        }
      } else {
        rtpForm = SharedForm(content: .publisherRTP, cacheLimit: context.settings.gopCacheBytes)
        continuity = RTPContinuity()
      }
    }
    senderReports = [:]
    for form in forms.values {
      form.forgetCache()
      form.describe(shown, replaying: nil)
    }
  }

  /// A stream whose protocol changed from or to RTP: its RTP form is made anew when a reader asks.
  private func restartForms(_ shown: StreamDescription) {
    rtpForm.map { form in
      form.forEachReader(on: loop) { $0.streamEnded(Fault(.streamEnded, "the publisher's format changed")) }
      for reader in form.readers { formOf[ObjectIdentifier(reader)] = nil }
    }
    rtpForm = nil
  }

  private static func sameShape(_ before: StreamDescription, _ request: PublishRequest) -> Bool {
    before.rtpPayloads.isEmpty == request.rtpPayloads.isEmpty && before.tracks.count == request.tracks.count
      && zip(before.tracks, request.tracks).allSatisfy { $0.codec == $1.codec && $0.clockRate == $1.clockRate && $0.channels == $1.channels }
  }

  func update(tracks: [Track], from id: UInt64) {
    guard current?.publication.id == id, var shown = description, shown.tracks != tracks else { return }
    shown.tracks = tracks
    shown.continues = true
    description = shown
    keyTrack = tracks.first { $0.codec.isVideo }?.index
    for form in forms.values { form.describe(shown, replaying: nil) }
    if case .packetised = rtpForm?.content { rtpForm?.describe(shown, replaying: nil) }
    announceToReaders { [shown] in $0.streamStarted(shown) }
    answerWaiters()
  }

  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32, from id: UInt64) {
    guard current?.publication.id == id, let shifted = continuity.timestamp(rtpTimestamp, track: track) else { return }
    senderReports[track] = (wall, shifted)
    rtpForm?.forEachReader(on: loop) { $0.senderReport(track: track, wall: wall, rtpTimestamp: shifted) }
  }

  // MARK: Media

  /// The forwarding path: one call a read, no allocation a packet.
  func post(_ batch: consuming MediaBatch, from id: UInt64) {
    loop.assertInEventLoop()
    guard current?.publication.id == id else { return }
    var batch = batch
    lastMedia = batch.arrival
    if current?.sawPacket == false { noteFirstPacket(batch.arrival) }
    place(&batch.units)
    if !batch.units.isEmpty { unitForm.deliverUnits(batch.units, keyTrack: keyTrack, arrival: batch.arrival, on: loop) }
    if let form = rtpForm {
      if batch.packets.readableBytes > 0 {
        continuity.apply(batch.edits, to: &batch.packets)
        form.deliverPackets(
          batch.packets, keyOffset: batch.keyUnitOffset, unitCount: batch.units.count, audioOnly: keyTrack == nil, arrival: batch.arrival,
          on: loop)
      } else if !batch.units.isEmpty {
        form.deliverUnits(batch.units, keyTrack: keyTrack, arrival: batch.arrival, on: loop)
      }
    }
    if !forms.isEmpty, !batch.units.isEmpty {
      for form in forms.values { form.deliverUnits(batch.units, keyTrack: keyTrack, arrival: batch.arrival, on: loop) }
    }
  }

  private func place(_ batch: inout [AccessUnit]) {
    // One look at the array a batch; nobody is called who could look at it too.
    batch.withUnsafeMutableBufferPointer { batch in
      for index in batch.indices {
        timeline?.place(&batch[index])
        if current?.discontinuity == true {
          batch[index].flags.insert(.discontinuity)
          current?.discontinuity = false
        }
        if batch[index].isKey, batch[index].track == keyTrack { noteKeyframe(batch[index]) }
        if batch[index].track == keyTrack { lastPicture = batch[index].arrival }
        units.append(batch[index], keyTrack: keyTrack)
      }
    }
    if let last = batch.last { newestUnit = last.id }
  }

  private func noteFirstPacket(_ arrival: BootTime) {
    guard let current else { return }
    self.current?.sawPacket = true
    journal.firstPacket(of: current.publication.session, gapSince: current.gapSince, at: arrival)
  }

  private func noteKeyframe(_ unit: AccessUnit) {
    startWish.begins()
    guard let current, !current.sawKeyframe else { return }
    self.current?.sawKeyframe = true
    journal.firstKeyframe(of: current.publication.session, unit)
  }

  // MARK: Endings

  func finish(_ id: UInt64, reason: Fault) {
    guard current?.publication.id == id else { return }
    let now = context.clock.bootTime()
    interrupt(reason, at: now)
    // Even after a goodbye the name waits: crews stop and start again, and their readers stay (architecture.md §3).
    let window = context.settings.takeoverWindow
    state = .lingering(since: now, until: now + window)
    linger = loop.scheduleTask(in: .nanoseconds(window.value)) { [weak self] in self?.end(reason) }
  }

  private func interrupt(_ reason: Fault, at now: BootTime) {
    guard let current else { return }
    let clockRates = description?.tracks.map(\.clockRate) ?? []
    if let form = rtpForm, case .publisherRTP = form.content {
      let found = form.lastPackets(clockRates: clockRates)
      lastPackets = found.indices.map { found[$0] ?? (lastPackets.indices.contains($0) ? lastPackets[$0] : nil) }
    }
    journal.interrupted(current.publication.session, reason, lastMedia: lastMedia ?? now, at: now)
    self.current = nil
    announceToReaders { $0.streamInterrupted(at: now) }
  }

  private func end(_ reason: Fault) {
    guard case .lingering = state else { return }
    state = .idle
    linger = nil
    journal.ended(description?.session ?? "", reason, at: context.clock.bootTime())
    announceToReaders { $0.streamEnded(reason) }
    description = nil
    timeline = nil
    lastMedia = nil
    lastPicture = nil
    units.clear()
    continuity = RTPContinuity()
    lastPackets = []
    for form in forms.values { form.forgetCache() }
    rtpForm?.forgetCache()
    retireIfUnused()
  }

  /// An operator or shutdown ends the publication.
  func kick(_ reason: Fault) {
    guard let current else { return }
    let source = current.request.source
    finish(current.publication.id, reason: reason)
    source.close(reason)
  }

  private func retireIfUnused() {
    guard state == .idle, formOf.isEmpty, waiting.isEmpty, !retired else { return }
    retired = true
    context.forget(self)
  }

  // MARK: Reading

  func add(_ reader: any StreamReader, form: ReaderForm) {
    loop.assertInEventLoop()
    let shared = sharedForm(form)
    shared.add(reader)
    formOf[ObjectIdentifier(reader)] = shared
    if let description { welcome(reader, to: shared, description) }
  }

  private func welcome(_ reader: any StreamReader, to shared: SharedForm, _ description: StreamDescription) {
    let joining = shared.joining(units: cachedUnits, arrival: lastMedia ?? context.clock.bootTime())
    if joining?.cached != true, keyTrack != nil { startWish.waits(at: context.clock.bootTime()) }
    let reports = senderReports
    let body: @Sendable () -> Void = {
      reader.streamStarted(description)
      for (track, report) in reports { reader.senderReport(track: track, wall: report.wall, rtpTimestamp: report.rtpTimestamp) }
      if let joining { reader.receive(joining) }
    }
    if reader.loop === loop { body() } else { reader.loop.execute(body) }
  }

  private func cachedUnits() -> [AccessUnit]? { units.units(from: rtpForm?.cached ?? ByteBuffer(), description) }

  private func sharedForm(_ form: ReaderForm) -> SharedForm {
    switch form {
    case .units: return unitForm
    case .packets(let key, let make):
      if let known = forms[key] { return known }
      let made = makeForm(make)
      forms[key] = made
      return made
    case .rtp(let make):
      if let known = rtpForm { return known }
      let made = makeForm(make)
      rtpForm = made
      return made
    }
  }

  private func makeForm(_ make: @Sendable (StreamDescription) -> any Packetisation) -> SharedForm {
    let blank = StreamDescription(
      name: name, tracks: [], mediaProtocol: .rtmp, origin: UnitOrigin(node: context.node, path: name), epoch: 0, session: "",
      rtpPayloads: [], continues: false)
    let form = SharedForm(content: .packetised(make(description ?? blank)), cacheLimit: context.settings.gopCacheBytes)
    if let description { form.describe(description, replaying: cachedUnits()) }
    return form
  }

  func remove(_ reader: any StreamReader) {
    loop.assertInEventLoop()
    guard let form = formOf.removeValue(forKey: ObjectIdentifier(reader)) else { return }
    form.remove(reader)
    recordEnd(of: reader)
    if form.isEmpty {
      forms = forms.filter { $0.value !== form }
      if form === rtpForm, case .packetised = form.content { rtpForm = nil }
    }
    retireIfUnused()
  }

  /// A viewer's figures are its reader's; what was sent to another node is measured there.
  private func recordEnd(of reader: any StreamReader) {
    let (now, session, journal) = (context.clock.bootTime(), description?.session, journal)
    reader.loop.execute {
      guard let last = reader.snapshot(at: now), last.outbound.hop == .viewer else { return }
      journal.readerEnded(last, of: session, at: now)
    }
  }

  /// Completes once the stream is live with all its video parameters known; nil at `deadline`.
  func awaitDescription(id: UInt64, until deadline: NIODeadline) -> EventLoopFuture<StreamDescription?> {
    loop.assertInEventLoop()
    if let description, LiveStream.isComplete(description) { return loop.makeSucceededFuture(description) }
    let promise = loop.makePromise(of: StreamDescription?.self)
    waiting.append(Waiter(id: id, promise: promise))
    let timeout = loop.scheduleTask(deadline: deadline) { [weak self] in self?.giveUp(id) }
    promise.futureResult.whenComplete { _ in timeout.cancel() }
    return promise.futureResult
  }

  private func giveUp(_ id: UInt64) {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
    waiting.remove(at: index).promise.succeed(nil)
    retireIfUnused()
  }

  private func answerWaiters() {
    guard let description, LiveStream.isComplete(description) else { return }
    let answered = waiting
    waiting = []
    for waiter in answered { waiter.promise.succeed(description) }
  }

  static func isComplete(_ description: StreamDescription) -> Bool {
    description.tracks.allSatisfy { !$0.codec.isVideo || $0.parameters != nil }
  }

  /// A reader fell behind and waits for a key frame that does not come.
  func readerWaits() { if keyTrack != nil { startWish.waits(at: context.clock.bootTime()) } }

  func requestKeyframe() {
    guard let keyTrack else { return }
    current?.request.source.requestKeyframe(track: keyTrack)
  }

  func probed(_ events: [SampleEvent], session: String) {
    guard let current, current.publication.session == session else { return }
    current.request.source.probed(events)
  }

  private func announceToReaders(_ body: @escaping @Sendable (any StreamReader) -> Void) {
    unitForm.forEachReader(on: loop, body)
    rtpForm?.forEachReader(on: loop, body)
    for form in forms.values { form.forEachReader(on: loop, body) }
  }

  // MARK: Watching

  func tick(at now: BootTime) {
    guard let current else { return }
    current.request.source.tick(at: now)
    if startWish.isDue(at: now) { requestKeyframe() }
  }

  /// Whether nothing has come for three seconds: no picture, where there is a video track.
  private func isSilent(at now: BootTime) -> Bool {
    guard let last = keyTrack == nil ? lastMedia : lastPicture else { return true }
    return now - last > .seconds(3)
  }

  /// Figures of the stream, with its readers', gathered from their loops.
  func snapshot() -> EventLoopFuture<StreamSnapshot> {
    loop.assertInEventLoop()
    let now = context.clock.bootTime()
    let condition: StreamSnapshot.Condition =
      switch state {
      case .idle: .waiting
      case .live: isSilent(at: now) ? .silent : .live
      case .lingering: .interrupted
      }
    let base = StreamSnapshot(
      name: name, condition: condition, description: description, remoteAddress: current?.request.remoteAddress,
      keyName: current?.request.keyName, since: startedAt, lastMedia: lastMedia, newestUnit: newestUnit, cachedBytes: rtpForm?.cachedBytes ?? 0,
      inbound: current?.request.source.inboundQuality(at: now), repairs: current?.request.source.mediaRepairs(), readers: [])
    let all = unitForm.readers + (rtpForm?.readers ?? []) + forms.values.flatMap(\.readers)
    let parts = all.map { reader in reader.loop.submit { reader.snapshot(at: now) } }
    return EventLoopFuture.whenAllSucceed(parts, on: loop).map { found in
      var whole = base
      whole.readers = found.compactMap { $0 }
      return whole
    }
  }
}

internal import Measure
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// Watches one stream's pictures and sound, and reports what it finds to the session's samples.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only, which is the stream's; the subscription is behind its lock.
final class ContentProbe: StreamReader, @unchecked Sendable {
  let loop: any EventLoop
  private let decoder: any ContentDecoder
  private let budget: ContentBudget
  private let ended: @Sendable () -> Void
  private let subscription = NIOLockedValueBox<Subscription?>(nil)
  private var session = ""
  private var picture: Track?
  private var sound: Track?
  private var looks = LookWatch()
  private var history = PictureHistory()
  private var heldBytes = 0
  private var sounds = SoundWatch()
  private var isLooking = false
  private var isListening = false
  private var lastLook: BootTime?
  private var isOver = false

  /// - Parameter ended: the stream is over; called on `loop`.
  init(loop: any EventLoop, decoder: any ContentDecoder, budget: ContentBudget, ended: @escaping @Sendable () -> Void) {
    self.loop = loop
    self.decoder = decoder
    self.budget = budget
    self.ended = ended
  }

  func hold(_ subscription: Subscription) { self.subscription.withLockedValue { $0 = subscription } }

  // MARK: StreamReader

  func streamStarted(_ description: StreamDescription) {
    takeTracks(picture: description.tracks.first { $0.codec.isVideo }, sound: description.tracks.first { !$0.codec.isVideo })
    guard description.session != session else { return }
    session = description.session
    looks = LookWatch()
    sounds = SoundWatch()
    lastLook = nil
    forgetHistory()
  }

  func streamInterrupted(at: BootTime) { forgetHistory() }

  func streamEnded(_ reason: Fault) {
    guard !isOver else { return }
    isOver = true
    forgetHistory()
    takeTracks(picture: nil, sound: nil)
    let held = subscription.withLockedValue { subscription in
      defer { subscription = nil }
      return subscription
    }
    held?.cancel()
    ended()
  }

  /// A stream without sound costs no listening, one without picture no looks.
  private func takeTracks(picture: Track?, sound: Track?) {
    func change(_ before: Track?, _ after: Track?) -> Int { (after == nil ? 0 : 1) - (before == nil ? 0 : 1) }
    budget.joined(pictures: change(self.picture, picture), sounds: change(self.sound, sound))
    self.picture = picture
    self.sound = sound
  }

  func receive(_ delivery: Delivery) {
    guard !isOver, !delivery.cached else { return }
    for unit in delivery.units where !unit.flags.contains(.backfill) {
      if unit.track == picture?.index { takePicture(unit) } else if unit.track == sound?.index { sounds.append(unit) }
    }
    listen(at: delivery.arrival)
  }

  // MARK: Pictures

  private func takePicture(_ unit: AccessUnit) {
    let begins = unit.isKey && !unit.flags.contains(.recovery) && isDue(unit)
    if begins { history.beginLook() }
    history.append(unit, mayHold: budget.mayHold)
    noteHeld()
    if begins, let picture { look(at: unit, picture) }
  }

  private func isDue(_ unit: AccessUnit) -> Bool {
    guard !isLooking, !unit.flags.contains(.damaged), picture?.parameters != nil else { return false }
    // A key frame a little early is as good as the next one, which is a whole interval late.
    if let lastLook, unit.firstArrival - lastLook < budget.lookInterval - .milliseconds(100) { return false }
    return budget.begin(.look, at: unit.arrival)
  }

  private func look(at unit: AccessUnit, _ track: Track) {
    isLooking = true
    lastLook = unit.firstArrival
    let session = session
    let (decoder, budget) = (decoder, budget)
    decode { () async throws -> LookWatch.Look? in
      do {
        let found = try await decoder.look(at: [unit], of: track)
        budget.end(.look, cost: found.cost)
        return found.looks.first.map { LookWatch.Look(at: unit.firstArrival, $0) }
      } catch {
        budget.end(.look, cost: nil)
        throw error
      }
    } then: { probe, look in
      guard probe.session == session, let look = look.flatMap({ $0 }) else {
        probe.isLooking = false
        probe.history.failLook()
        return
      }
      probe.search(look, track)
    }
  }

  /// Decodes the intervals in which edges lie, as far as they are there and the budget allows.
  private func search(_ look: LookWatch.Look, _ track: Track) {
    let wanted = looks.wanted(for: look)
    let maySearch = budget.maySearch(at: look.at)
    let since = maySearch && wanted.contains(.sinceLast) ? history.sinceLast : nil
    let before = maySearch && wanted.contains(.beforeStill) ? history.beforeStill : nil
    guard since != nil || before != nil else {
      isLooking = false
      return conclude(look, nil, nil)
    }
    let session = session
    let (decoder, budget) = (decoder, budget)
    decode { () -> (since: [LookWatch.Look]?, before: [LookWatch.Look]?) in
      func frames(_ units: [AccessUnit]?) async throws -> [LookWatch.Look]? {
        guard let units else { return nil }
        let found = try await decoder.look(at: units, of: track)
        budget.spentSearch(found.cost)
        return LookWatch.Look.frames(found.looks, of: units)
      }
      return (try await frames(since), try await frames(before))
    } then: { probe, found in
      probe.isLooking = false
      if probe.session == session { probe.conclude(look, found?.since, found?.before) }
    }
  }

  private func conclude(_ look: LookWatch.Look, _ since: [LookWatch.Look]?, _ before: [LookWatch.Look]?) {
    let change = looks.conclude(look, sinceLast: since, beforeStill: before)
    history.endLook(isNewPicture: change.isNewPicture, keepsBefore: change.mayWantBefore)
    noteHeld()
    report(change.events, track: picture?.index ?? 0)
  }

  private func forgetHistory() {
    history.forget()
    noteHeld()
  }

  private func noteHeld() {
    guard history.bytes != heldBytes else { return }
    budget.held(history.bytes - heldBytes)
    heldBytes = history.bytes
  }

  // MARK: Sound

  private func listen(at now: BootTime) {
    guard let sound, !isListening else { return }
    if let last = sounds.lastArrival, now - last >= SoundWatch.silentAfter { report(sounds.idle(at: now), track: sound.index) }
    guard sound.codec != .aac || sound.parameters != nil, let ask = sounds.ask(at: now, interval: budget.listenInterval) else { return }
    guard budget.begin(.listen, at: now) else { return sounds.fail() }
    isListening = true
    let session = session
    let (decoder, budget) = (decoder, budget)
    decode { () -> DecodedSound in
      do {
        let listened = try await decoder.listen(to: ask.units, of: sound, preroll: ask.preroll)
        budget.end(.listen, cost: listened.cost)
        return listened
      } catch {
        budget.end(.listen, cost: nil)
        throw error
      }
    } then: { probe, listened in
      probe.isListening = false
      guard probe.session == session else { return }
      guard let listened else { return probe.sounds.fail() }
      probe.report(probe.sounds.answer(listened, to: ask), track: sound.index)
    }
  }

  // MARK: Shell

  private func decode<Found: Sendable>(
    _ work: @escaping @Sendable () async throws -> Found, then apply: @escaping @Sendable (ContentProbe, Found?) -> Void
  ) {
    let loop = loop
    Task {
      let found = try? await work()
      loop.execute { if !self.isOver { apply(self, found) } }
    }
  }

  private func report(_ events: [SampleEvent], track: UInt8) {
    guard !events.isEmpty else { return }
    let events = events.map { event in
      var event = event
      event.track = track
      return event
    }
    subscription.withLockedValue { $0 }?.probed(events, session: session)
  }
}

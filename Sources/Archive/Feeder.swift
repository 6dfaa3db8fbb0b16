internal import Dispatch
internal import Model
internal import NIOCore

/// Fetches from the recorders what came, and feeds their muxers, on a thread of its own: each stream once per interval, the streams spread over
/// it so that they do not all wake at once.
///
/// `@unchecked Sendable`: everything mutable is touched on ``queue`` alone.
final class Feeder: @unchecked Sendable {
  private struct Feed {
    let recorder: Recorder
    let driver: TapDriver
    var ledger: GapLedger
    let slot: Int
  }

  static let slots = 4

  let queue = DispatchQueue(label: "archive.feed")
  private let context: ArchiveContext
  private let disk: ArchiveWriter
  private var feeds: [ObjectIdentifier: Feed] = [:]
  private var nextSlot = 0
  private var turn = 0
  private var timer: (any DispatchSourceTimer)?
  private var isDead = false
  /// Streams whose publisher is expected back after a crash, with the arrival of the last unit that was saved.
  private var expected: [String: (ledger: GapLedger, name: StreamName, deadline: BootTime)] = [:]

  init(context: ArchiveContext, disk: ArchiveWriter) {
    self.context = context
    self.disk = disk
  }

  func start() {
    queue.async { [self] in
      let source = DispatchSource.makeTimerSource(queue: queue)
      let interval = max(1_000_000, Int(clamping: context.settings.batchInterval.value) / Feeder.slots)
      source.schedule(deadline: .now() + .nanoseconds(interval), repeating: .nanoseconds(interval), leeway: .nanoseconds(interval / 4))
      source.setEventHandler { [weak self] in self?.tick() }
      source.resume()
      timer = source
    }
  }

  func add(_ recorder: Recorder) {
    queue.async { [self] in
      let origin = TapRun.Origin(boot: context.clock.bootID, reading: nil)
      let driver = TapDriver(context: context, recording: recorder.recording, chain: recorder.chain, origin: origin)
      let ledger = expected.removeValue(forKey: recorder.recording.id)?.ledger ?? GapLedger()
      feeds[ObjectIdentifier(recorder)] = Feed(recorder: recorder, driver: driver, ledger: ledger, slot: nextSlot)
      nextSlot = (nextSlot + 1) % Feeder.slots
    }
  }

  /// The last of a recorder that has closed: before any recorder that follows it.
  func finish(_ recorder: Recorder, with items: [RecordedItem]) { queue.async { self.feed(recorder, items) } }

  func report(_ gap: ArchiveGap) { disk.add([gap]) }

  /// After a crash: the stream was live until then, and its publisher may return.
  func expect(_ recording: StreamRecording, lastArrival: BootTime) {
    queue.async { [self] in
      if let key = feeds.first(where: { $0.value.recorder.recording === recording })?.key {
        let found = feeds[key]?.ledger.resumeAfterCrash(lastArrival: lastArrival)
        if let found { disk.add([gap(found, recording.name, feeds[key]?.ledger.session ?? "")]) }
      } else {
        var ledger = GapLedger()
        _ = ledger.resumeAfterCrash(lastArrival: lastArrival)
        expected[recording.id] = (ledger, recording.name, context.clock.bootTime() + .seconds(30))
      }
    }
  }

  /// Fetches everything and feeds it, now. Completes when the muxers have it.
  func flush() async {
    let recorders = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.feeds.values.map(\.recorder)) }
    }
    for recorder in recorders {
      let items = try? await recorder.loop.submit { recorder.drainItems() }.get()
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        queue.async {
          self.feed(recorder, items ?? [])
          continuation.resume()
        }
      }
    }
  }

  /// The watchdog's look at every muxer, now.
  func watch() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      queue.async {
        for feed in self.feeds.values { feed.driver.watch() }
        continuation.resume()
      }
    }
  }

  /// Ends every recording and waits until its last unit is with the disk's thread.
  func finish() async {
    let recorders = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.feeds.values.map(\.recorder)) }
    }
    for recorder in recorders { try? await recorder.loop.submit { recorder.close() }.get() }
    await flush()
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      queue.async {
        self.timer?.cancel()
        self.closeExpected(force: true)
        continuation.resume()
      }
    }
  }

  func abandon() async {
    let recorders: [Recorder] = queue.sync {
      timer?.cancel()
      isDead = true
      return feeds.values.map(\.recorder)
    }
    for recorder in recorders { try? await recorder.loop.submit { recorder.abandon() }.get() }
  }

  // MARK: On the queue

  private func tick() {
    turn = (turn + 1) % Feeder.slots
    var byLoop: [ObjectIdentifier: (loop: any EventLoop, recorders: [Recorder])] = [:]
    for feed in feeds.values where feed.slot == turn {
      byLoop[ObjectIdentifier(feed.recorder.loop), default: (feed.recorder.loop, [])].recorders.append(feed.recorder)
      feed.driver.watch()
    }
    for (_, group) in byLoop {
      group.loop.execute { [queue] in
        let fetched = group.recorders.map { ($0, $0.drainItems()) }
        queue.async { for (recorder, items) in fetched { self.feed(recorder, items) } }
      }
    }
    if turn == 0 { closeExpected(force: false) }
  }

  private func feed(_ recorder: Recorder, _ items: [RecordedItem]) {
    guard !isDead, !items.isEmpty, let feed = feeds[ObjectIdentifier(recorder)] else { return }
    var ledger = feed.ledger
    var gaps: [ArchiveGap] = []
    var session = ""
    var hasEnded = false
    for item in items {
      if case .described(let stream) = item { session = stream.session }
      if case .ended = item { hasEnded = true }
      if let found = ledger.apply(item) { gaps.append(gap(found, recorder.recording.name, ledger.session ?? session)) }
    }
    feeds[ObjectIdentifier(recorder)]?.ledger = ledger
    disk.add(gaps)
    feed.driver.feed(items)
    if hasEnded { feeds[ObjectIdentifier(recorder)] = nil }
  }

  private func gap(_ found: GapLedger.Found, _ name: StreamName, _ session: String) -> ArchiveGap {
    context.gap(name, session: session, from: found.from, to: found.to, found.cause, found.event)
  }

  /// Nobody came back: the gap until now stands for itself.
  private func closeExpected(force: Bool) {
    let now = context.clock.bootTime()
    for (id, known) in expected where force || now >= known.deadline {
      var ledger = known.ledger
      if let found = ledger.closeAway(at: now) { disk.add([gap(found, known.name, "")]) }
      expected[id] = nil
    }
  }
}

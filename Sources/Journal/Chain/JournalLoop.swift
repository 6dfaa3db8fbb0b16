internal import Logging
internal import Model

/// The body of the journal's thread.
///
/// `@unchecked Sendable`: made by `open`, run by one thread.
final class JournalLoop: @unchecked Sendable {
  private let writer: JournalWriter
  private let queue: Monitor<JournalQueue>
  private let feed: JournalFeed
  private var isFailing = false
  private var isShort = false

  init(writer: JournalWriter, queue: Monitor<JournalQueue>, feed: JournalFeed) {
    self.writer = writer
    self.queue = queue
    self.feed = feed
  }

  func run() {
    while true {
      switch queue.wait({ $0.decide(now: monotonicNow()) }) {
      case .write(let group): write(group)
      case .head: head()
      case .stop: return stop()
      }
    }
  }

  private func write(_ group: JournalQueue.Group) {
    do throws(Fault) {
      let facts = try writer.write(group)
      queue.withLock { $0.written(isShort: writer.isShort) }
      if writer.isShort != isShort {
        isShort.toggle()
        if isShort { writer.place.logger.critical("the disk is full: the journal takes incidents only") }
      }
      if isFailing { writer.place.logger.notice("the journal's disk is back; \(facts.count) facts were written late") }
      isFailing = false
      feed.note(nil)
      feed.publish(facts)
      for (entry, fact) in zip(group.entries, facts) { entry.reply?.resume(returning: fact) }
    } catch {
      failed(group, error)
    }
  }

  /// Commits throw; records wait. A commit that threw is never written later: its caller knows that it is not in the journal.
  private func failed(_ group: JournalQueue.Group, _ fault: Fault) {
    if !isFailing { writer.place.logger.critical("\(fault)") }
    isFailing = true
    feed.note(fault)
    var kept = group
    kept.entries.removeAll { $0.reply != nil }
    let retryAt = monotonicNow() &+ writer.place.options.retryDelay.value
    let isClosing = queue.withLock { queue in
      if !queue.isClosing { queue.restore(kept, retryAt: retryAt) }
      return queue.isClosing
    }
    if isClosing, !kept.entries.isEmpty || kept.lost.count > 0 {
      writer.place.logger.critical("\(Int64(kept.entries.count) + kept.lost.count) facts were lost: the disk refused them at the end")
    }
    for entry in group.entries { entry.reply?.resume(throwing: fault) }
  }

  private func head() {
    let interval = writer.place.options.headInterval.value
    do throws(Fault) {
      try writer.writeHead()
      queue.withLock { $0.headDue = monotonicNow() &+ interval }
    } catch {
      if !isFailing { writer.place.logger.critical("\(error)") }
      queue.withLock { $0.headDue = monotonicNow() &+ min(interval, writer.place.options.retryDelay.value) }
    }
  }

  private func stop() {
    do throws(Fault) { try writer.writeHead() } catch { writer.place.logger.critical("\(error)") }
    writer.releaseLock()
    feed.finish()
    for reply in queue.withLock({ $0.finish() }) { reply.resume() }
  }
}

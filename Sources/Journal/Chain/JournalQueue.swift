internal import Model

/// What waits to be written, and when: pure, so that the writer's thread has nothing to decide.
struct JournalQueue {
  struct Entry {
    var kind: String
    var fields: [String: JSON]
    var body: [UInt8]
    var bootTime: BootTime
    var wall: WallTime
    /// Whoever waits for the fsync; nil for a recorded fact.
    var reply: CheckedContinuation<Fact, any Error>?

    /// About what it holds in memory: text and members.
    var cost: Int { 2 * body.count + 256 }
  }

  /// Facts that were refused because the queue was full.
  struct Lost {
    var count: Int64 = 0
    var kinds: [String: Int64] = [:]
    var from: BootTime?
    var to: BootTime?

    mutating func add(_ entry: Entry) {
      count += 1
      kinds[entry.kind, default: 0] += 1
      from = from.map { min($0, entry.bootTime) } ?? entry.bootTime
      to = to.map { max($0, entry.bootTime) } ?? entry.bootTime
    }

    mutating func merge(_ later: Lost) {
      count += later.count
      kinds.merge(later.kinds, uniquingKeysWith: +)
      from = [from, later.from].compactMap(\.self).min()
      to = [to, later.to].compactMap(\.self).max()
    }

    var fields: [String: JSON] {
      [
        "count": .int(count), "kinds": .object(kinds.mapValues { .int($0) }), "fromNs": from.map { .int($0.nanoseconds) } ?? .null,
        "toNs": to.map { .int($0.nanoseconds) } ?? .null,
      ]
    }
  }

  struct Group {
    var entries: [Entry]
    var lost: Lost
  }

  enum Step {
    case write(Group)
    case head
    case stop
  }

  let limit: Int
  let groupDelay: Int64
  private var entries: [Entry] = []
  /// What waits until the disk has more room than the journal's own reserve.
  private var held: [Entry] = []
  /// Of both.
  private var bytes = 0
  /// Of the group that is being written: still in memory, and back here when the disk refuses it.
  private var writing = 0
  /// Only incidents are taken.
  private var isShort = false
  /// Between two looks whether there is room again; what was lost meanwhile is told no more often, for each telling takes room that incidents need.
  private static let shortDelay: Int64 = 10_000_000_000
  private var lost = Lost()
  private var isUrgent = false
  /// When the oldest entry came; the next attempt after a failure.
  private var oldest: Int64?
  private var retryAt: Int64?
  var headDue: Int64
  private(set) var isClosing = false
  private(set) var isClosed = false
  private var closeReplies: [CheckedContinuation<Void, Never>] = []

  init(limit: Int, groupDelay: Int64, headDue: Int64) {
    self.limit = limit
    self.groupDelay = groupDelay
    self.headDue = headDue
  }

  enum Admission {
    case accepted(wake: Bool)
    case full, closed
  }

  /// Adds an entry. A recorded one that finds its share of the queue taken is counted as lost; for a committed one the caller throws.
  mutating func admit(_ entry: Entry, now: Int64) -> Admission {
    guard !isClosing else { return .closed }
    let share = entry.reply == nil ? JournalShare(kind: entry.kind) : .whole
    guard bytes + writing + entry.cost <= share.bytes(of: limit) else {
      if entry.reply == nil {
        lost.add(entry)
        if oldest == nil { oldest = now }
      }
      return .full
    }
    bytes += entry.cost
    if isShort, share != .whole {
      let wake = oldest == nil
      if wake { oldest = now }
      held.append(entry)
      return .accepted(wake: wake)
    }
    let wake = entries.isEmpty || (entry.reply != nil && !isUrgent)
    if entries.isEmpty { oldest = now }
    if entry.reply != nil { isUrgent = true }
    entries.append(entry)
    return .accepted(wake: wake)
  }

  /// What the writer does now, or until when it waits.
  mutating func decide(now: Int64) -> MonitorDecision<Step> {
    if isClosing { release() }
    let hasWork = !entries.isEmpty || lost.count > 0 || !held.isEmpty
    if hasWork {
      let delay = isShort && entries.isEmpty ? JournalQueue.shortDelay : groupDelay
      let due = retryAt ?? (oldest ?? now) + delay
      if isUrgent || isClosing || now >= due { return .done(.write(drain(now: now))) }
      if now >= headDue { return .done(.head) }
      return .until(min(due, headDue))
    }
    if isClosing { return .done(.stop) }
    return now >= headDue ? .done(.head) : .until(headDue)
  }

  /// What waited for room goes on, before everything that came since.
  private mutating func release() {
    entries.insert(contentsOf: held, at: 0)
    held = []
  }

  private mutating func drain(now: Int64) -> Group {
    let group = Group(entries: entries, lost: lost)
    entries.removeAll(keepingCapacity: entries.count < 4096)
    let waits = held.reduce(0) { $0 + $1.cost }
    writing = bytes - waits
    bytes = waits
    lost = Lost()
    isUrgent = false
    oldest = held.isEmpty ? nil : now
    retryAt = nil
    return group
  }

  /// The group is on the disk.
  /// - Parameter isShort: whether the disk has no more than the journal's own reserve.
  mutating func written(isShort: Bool = false) {
    writing = 0
    self.isShort = isShort
    guard !isShort, !held.isEmpty else { return }
    release()
  }

  /// Puts back what could not be written, before everything that came since.
  mutating func restore(_ group: Group, retryAt: Int64) {
    writing = 0
    var older = group.lost
    older.merge(lost)
    lost = older
    entries.insert(contentsOf: group.entries, at: 0)
    bytes += group.entries.reduce(0) { $0 + $1.cost }
    self.retryAt = retryAt
  }

  mutating func beginClose() { isClosing = true }

  /// False when it is closed already: then the caller goes on by itself.
  mutating func awaitClose(_ reply: CheckedContinuation<Void, Never>) -> Bool {
    guard !isClosed else { return false }
    closeReplies.append(reply)
    return true
  }

  /// Ends everything; gives those who wait.
  mutating func finish() -> [CheckedContinuation<Void, Never>] {
    isClosed = true
    defer { closeReplies = [] }
    return closeReplies
  }
}

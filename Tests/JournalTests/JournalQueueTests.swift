import Model
import Testing

@testable import Journal

@Suite("What waits to be written")
struct JournalQueueTests {
  private static func entry(_ bytes: Int = 10, kind: String = "a", at time: Int64 = 0) -> JournalQueue.Entry {
    JournalQueue.Entry(
      kind: kind, fields: [:], body: [UInt8](repeating: 1, count: bytes), bootTime: BootTime(nanoseconds: time), wall: WallTime(nanoseconds: time),
      reply: nil)
  }

  private static func committed(_ queue: inout JournalQueue, now: Int64, _ body: (inout JournalQueue) -> Void) async -> Fact? {
    // A commit needs someone who waits; the test answers him itself.
    try? await withCheckedThrowingContinuation { continuation in
      var entry = entry()
      entry.reply = continuation
      _ = queue.admit(entry, now: now)
      body(&queue)
      entry.reply?.resume(throwing: Fault(.journalClosed))
    }
  }

  private static func word(_ decision: MonitorDecision<JournalQueue.Step>) -> String {
    switch decision {
    case .done(.write(let group)): "write \(group.entries.count)" + (group.lost.count > 0 ? " lost \(group.lost.count)" : "")
    case .done(.head): "head"
    case .done(.stop): "stop"
    case .until(let time): "until \(time ?? -1)"
    }
  }

  private static func wakes(_ admission: JournalQueue.Admission) -> Bool? { if case .accepted(let wake) = admission { wake } else { nil } }

  @Test("A record waits for its group, counted from the first of it; one wake is enough")
  func grouping() {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: 1000)
    #expect(Self.word(queue.decide(now: 0)) == "until 1000")
    let wakes = [(10, Self.entry()), (40, Self.entry())].map { Self.wakes(queue.admit($0.1, now: $0.0)) }
    #expect(wakes == [true, false])
    #expect(Self.word(queue.decide(now: 59)) == "until 60")
    #expect(Self.word(queue.decide(now: 60)) == "write 2")
    #expect(Self.word(queue.decide(now: 61)) == "until 1000")
    #expect(Self.word(queue.decide(now: 1000)) == "head")
  }

  @Test("A commit is written at once, with everything that waits")
  func urgency() async {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: 1000)
    _ = queue.admit(Self.entry(), now: 10)
    var word = ""
    _ = await Self.committed(&queue, now: 11) { word = Self.word($0.decide(now: 11)) }
    #expect(word == "write 2")
  }

  @Test("A head that is due does not wait for the group, nor the group for the head")
  func heads() {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: 30)
    _ = queue.admit(Self.entry(), now: 10)
    #expect(Self.word(queue.decide(now: 20)) == "until 30")
    #expect(Self.word(queue.decide(now: 30)) == "head")
    queue.headDue = 1000
    #expect(Self.word(queue.decide(now: 60)) == "write 1")
  }

  @Test("What could not be written comes back before what came since, and is tried again when it is due")
  func restoring() {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: 10_000)
    _ = queue.admit(Self.entry(kind: "first"), now: 0)
    guard case .done(.write(let group)) = queue.decide(now: 50) else { return #expect(Bool(false), "nothing to write") }
    _ = queue.admit(Self.entry(kind: "second"), now: 60)
    queue.restore(group, retryAt: 500)
    #expect(Self.word(queue.decide(now: 499)) == "until 500")
    guard case .done(.write(let again)) = queue.decide(now: 500) else { return #expect(Bool(false), "nothing to write") }
    #expect(again.entries.map(\.kind) == ["first", "second"])
  }

  @Test("Beyond its limit facts are counted by kind and time, and the count survives refusals")
  func losing() throws {
    var queue = JournalQueue(limit: 4 * Self.entry().cost, groupDelay: 50, headDue: 10_000)
    for number in 0..<7 as Range<Int64> {
      let admission = queue.admit(Self.entry(kind: number % 2 == 0 ? "even" : "odd", at: number), now: 0)
      #expect((Self.wakes(admission) == nil) == (number >= 3))
    }
    guard case .done(.write(let group)) = queue.decide(now: 50) else { return #expect(Bool(false), "nothing to write") }
    #expect(group.entries.count == 3)
    #expect(group.lost.fields == ["count": 4, "kinds": ["even": 2, "odd": 2], "fromNs": 3, "toNs": 6])
    _ = queue.admit(Self.entry(100_000, kind: "late", at: 90), now: 60)
    queue.restore(group, retryAt: 100)
    guard case .done(.write(let again)) = queue.decide(now: 100) else { return #expect(Bool(false), "nothing to write") }
    #expect(again.lost.fields == ["count": 5, "kinds": ["even": 2, "late": 1, "odd": 2], "fromNs": 3, "toNs": 90])
  }

  @Test("Closing, it writes what waits at once, then stops, and lets nothing more in")
  func closing() {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: 10_000)
    _ = queue.admit(Self.entry(), now: 0)
    queue.beginClose()
    #expect(Self.word(queue.decide(now: 1)) == "write 1")
    #expect(Self.word(queue.decide(now: 1)) == "stop")
    let admission = queue.admit(Self.entry(), now: 2)
    guard case .closed = admission else { return #expect(Bool(false), "it was let in") }
    let replies = queue.finish()
    #expect(replies.isEmpty && queue.isClosed)
  }

  @Test("What strangers cause, and what streams do, leaves room for incidents and commits; the group that is being written counts")
  func shares() async {
    let cost = Self.entry().cost
    var queue = JournalQueue(limit: 80 * cost, groupDelay: 50, headDue: 10_000)
    func fill(_ kind: String, _ queue: inout JournalQueue) -> Int {
      var taken = 0
      while taken < 1000, Self.wakes(queue.admit(Self.entry(kind: kind), now: 0)) != nil { taken += 1 }
      return taken
    }
    #expect(fill(FactKind.accessRefused, &queue) == 10)
    #expect(fill(FactKind.streamStarted, &queue) == 50)
    guard case .done(.write(let group)) = queue.decide(now: 50) else { return #expect(Bool(false), "nothing to write") }
    #expect(fill(FactKind.streamStarted, &queue) == 0, "it is still in memory")
    #expect(fill(FactKind.incidentCalledOut, &queue) == 20)
    queue.restore(group, retryAt: 100)
    #expect(fill(FactKind.incidentCalledOut, &queue) == 0)
    guard case .done(.write(let all)) = queue.decide(now: 100) else { return #expect(Bool(false), "nothing to write") }
    #expect(all.lost.fields["kinds"] == [FactKind.accessRefused: 1, FactKind.streamStarted: 2, FactKind.incidentCalledOut: 2])
    queue.written()
    #expect(fill(FactKind.accessRefused, &queue) == 10)
    #expect(fill(FactKind.streamStarted, &queue) == 50)
    // A commit of any kind has the whole queue.
    var admitted = false
    _ = await Self.committed(&queue, now: 200) { queue in
      if case .done(.write(let group)) = queue.decide(now: 200) { admitted = group.entries.count == 61 }
    }
    #expect(admitted)
  }

  @Test("Every kind of an incident has the whole queue")
  func incidents() {
    for kind in [
      FactKind.incidentOpened, FactKind.incidentCalledOut, FactKind.incidentClosed, FactKind.connectionRequested, FactKind.pictureDecoded,
      FactKind.provinceHeard, FactKind.receiptReceived, FactKind.keyframeSent, FactKind.exclusionApproved, FactKind.nodeStopped, FactKind.journalLost,
    ] {
      #expect(JournalShare(kind: kind) == .whole, "\(kind)")
    }
    for kind in [FactKind.accessRefused, FactKind.streamRefused, FactKind.readerEnded] { #expect(JournalShare(kind: kind) == .strangers, "\(kind)") }
    #expect(JournalShare(kind: FactKind.segmentCommitted) == .streams)
  }

  @Test("While the disk has only the journal's reserve left incidents alone are written; the rest waits in order, and is looked after now and then")
  func short() {
    var queue = JournalQueue(limit: 100_000, groupDelay: 50, headDue: .max)
    queue.written(isShort: true)
    _ = queue.admit(Self.entry(kind: FactKind.streamStarted), now: 0)
    _ = queue.admit(Self.entry(kind: FactKind.segmentCommitted), now: 1)
    _ = queue.admit(Self.entry(kind: FactKind.incidentCalledOut), now: 2)
    #expect(Self.word(queue.decide(now: 52)) == "write 1")
    queue.written(isShort: true)
    let look: Int64 = 52 + 10_000_000_000
    #expect(Self.word(queue.decide(now: 60)) == "until \(look)")
    #expect(Self.word(queue.decide(now: look)) == "write 0", "a look whether there is room")
    queue.written(isShort: true)
    #expect(Self.word(queue.decide(now: look + 1)) == "until \(look + 10_000_000_000)")
    queue.written(isShort: false)
    _ = queue.admit(Self.entry(kind: "later"), now: look + 2)
    guard case .done(.write(let group)) = queue.decide(now: look + 10_000_000_000) else { return #expect(Bool(false), "nothing to write") }
    #expect(group.entries.map(\.kind) == [FactKind.streamStarted, FactKind.segmentCommitted, "later"])
    // A node that ends writes what it can.
    queue.written(isShort: true)
    _ = queue.admit(Self.entry(kind: FactKind.streamStarted), now: look)
    queue.beginClose()
    #expect(Self.word(queue.decide(now: look)) == "write 1")
  }
}

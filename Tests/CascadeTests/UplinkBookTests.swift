import FirstFrameTesting
import Model
import NIOConcurrencyHelpers
import Testing

@testable import Cascade

@Suite("What one uplink announced, and what came back")
struct UplinkBookTests {
  @Test("an incident's first E1 stands, is sent again until it is closed, and its closing is sent again too")
  func announcements() {
    var book = Announcements()
    book.add(Sample.opened("i1", hash: "b"), at: Sample.instant(1))
    book.add(Sample.opened("i1", hash: "c"), at: Sample.instant(2))
    book.add(Sample.opened("i2"), at: Sample.instant(3))
    #expect(book["i1"]?.opened.openedSHA256.first == "b")
    #expect(book["i1"]?.at == Sample.instant(1))
    #expect(Set(book.open.map(\.incident)) == ["i1", "i2"])
    #expect(book.withdraw("i1") == true)
    #expect(book.withdraw("i1") == false, "once")
    #expect(book.withdraw("i9") == false, "never announced")
    #expect(book.open.map(\.incident) == ["i2"])
    #expect(book.closed == ["i1"])
    #expect(book["i1"]?.isWithdrawn == true, "a receipt may be on its way")
  }

  @Test("the newest 256 closed incidents are kept, and no more")
  func bound() {
    var book = Announcements()
    for number in 0..<300 {
      book.add(Sample.opened("i\(number)"), at: Sample.instant(1))
      #expect(book.withdraw("i\(number)") == true)
    }
    #expect(book.closed.count == 256)
    #expect(book["i43"] == nil && book["i44"] != nil)
  }

  @Test("a key frame may prove an open incident that names its stream")
  func naming() {
    var book = Announcements()
    book.add(Sample.opened("i1", streams: [Sample.stream]), at: Sample.instant(1))
    book.add(Sample.opened("i2", streams: [Sample.stream, Sample.other]), at: Sample.instant(1))
    #expect(Set(book.naming(Sample.stream)) == ["i1", "i2"])
    #expect(book.naming(Sample.other) == ["i2"])
    _ = book.withdraw("i2")
    #expect(book.naming(Sample.other).isEmpty)
  }

  private func received(_ incident: String, _ stream: String, sha256: String) -> ReceiptReceivedFact {
    ReceiptReceivedFact(
      incident: incident, uplink: "up", receipt: ["stream": .string(stream)], receiptSha256: sha256, keySha256: "k", isVerified: true,
      file: incident, sent: nil, offset: nil)
  }

  @Test("each stream of an incident has one receipt, in the order in which they came, restarts included")
  func ledger() {
    var ledger = ReceiptLedger()
    #expect(!ledger.knows("i1"))
    ledger.recover(received("i1", "live/cam1", sha256: "aa"))
    #expect(ledger.knows("i1") && ledger.holds("aa", of: "i1") && !ledger.holds("aa", of: "i2"))
    #expect(ledger.isProven("live/cam1", in: "i1") && !ledger.isProven("live/cam2", in: "i1"))
    #expect(ledger.reserve("live/cam1", in: "i1") == nil)
    #expect(ledger.reserve("live/cam2", in: "i1") == 2)
    #expect(!ledger.holds("bb", of: "i1"), "reserved is not stored")
    ledger.stored("bb", of: "i1")
    #expect(ledger.holds("bb", of: "i1"))
    #expect(ledger.reserve("live/cam1", in: "i2") == 1)
  }

  @Test("a receipt that the disk refused is not held against the one that is sent again")
  func release() {
    var ledger = ReceiptLedger()
    #expect(ledger.reserve("live/cam1", in: "i1") == 1)
    ledger.release(1, "live/cam1", in: "i1")
    #expect(!ledger.isProven("live/cam1", in: "i1"))
    #expect(ledger.reserve("live/cam1", in: "i1") == 1)
    // Another came between the two: its place stays its own.
    #expect(ledger.reserve("live/cam2", in: "i1") == 2)
    ledger.release(1, "live/cam1", in: "i1")
    #expect(ledger.reserve("live/cam1", in: "i1") == 3)
  }
}

@Suite("Key frames that leave")
struct SentKeyframesTests {
  @Test("are noted once, at the first instant")
  func first() {
    let sent = SentKeyframes(boot: "b")
    #expect(sent.note(Sample.unit(1), stream: Sample.stream, firstArrival: Sample.time(5), sent: Sample.time(6)))
    #expect(!sent.note(Sample.unit(1), stream: Sample.stream, firstArrival: Sample.time(5), sent: Sample.time(9)))
    #expect(sent.entry(of: Sample.unit(1).description)?.sent == Sample.time(6))
    #expect(sent.entry(of: Sample.unit(2).description) == nil)
  }

  @Test("become a fact once, whoever asks for it")
  func claim() {
    let sent = SentKeyframes(boot: "b")
    _ = sent.note(Sample.unit(1), stream: Sample.stream, firstArrival: Sample.time(5), sent: Sample.time(6))
    let unit = Sample.unit(1).description
    #expect(sent.claimJournaling(of: unit) != nil)
    #expect(sent.claimJournaling(of: unit) == nil)
    #expect(sent.claimJournaling(of: "another") == nil)
  }

  @Test("that left before their incident was announced are found by stream and arrival, those of an earlier boot are not")
  func unjournaled() {
    let sent = SentKeyframes(boot: "b")
    sent.recover(
      "old",
      SentKeyframes.Entry(stream: Sample.stream, firstArrival: Sample.time(90), sent: Sample.time(91), boot: "a", journaled: false))
    for number in 1...4 {
      let stream = number == 4 ? Sample.other : Sample.stream
      let at = Sample.time(Int64(number) * 10)
      _ = sent.note(Sample.unit(UInt64(number), of: stream), stream: stream, firstArrival: at, sent: at)
    }
    _ = sent.claimJournaling(of: Sample.unit(3).description)
    #expect(sent.unjournaled(of: [Sample.stream], arrivedFrom: Sample.time(20)) == [Sample.unit(2).description])
    #expect(sent.unjournaled(of: [Sample.stream, Sample.other], arrivedFrom: Sample.time(0)).count == 3)
  }

  @Test("are forgotten from the oldest on, a half at a time, when there are too many")
  func trim() {
    let sent = SentKeyframes(boot: "b", limit: 10)
    for number in 1...11 {
      _ = sent.note(Sample.unit(UInt64(number)), stream: Sample.stream, firstArrival: Sample.time(1), sent: Sample.time(1))
    }
    #expect(sent.entry(of: Sample.unit(5).description) == nil)
    #expect(sent.entry(of: Sample.unit(6).description) != nil)
  }

  @Test("of interest are journaled as they leave, the others when their incident is announced", arguments: [true, false])
  func journal(isAnnouncedBefore: Bool) {
    let facts = FactList()
    let incidents = SharedIncidents(UplinkIncidents())
    let journal = KeyframeJournal(uplink: "up", boot: "b", facts: facts, incidents: incidents)
    func announce() {
      incidents.withLockedValue { $0.announcements.add(Sample.opened(), at: Sample.instant(1)) }
      journal.recordUnits(of: [Sample.stream], arrivedFrom: Sample.time(5))
    }
    if isAnnouncedBefore { announce() }
    journal.leaves(Sample.unit(1), Sample.stream, Sample.time(6), Sample.time(7))
    journal.leaves(Sample.unit(1), Sample.stream, Sample.time(6), Sample.time(8))
    journal.leaves(Sample.unit(2, of: Sample.other), Sample.other, Sample.time(6), Sample.time(7))
    if !isAnnouncedBefore {
      #expect(facts.facts.isEmpty)
      announce()
    }
    #expect(
      facts.facts.map(\.fields) == [
        [
          "uplink": "up", "stream": "live/cam1", "unit": "wukang/live/cam1@7#1", "unitArrivalNs": 6,
        ]
      ])
    #expect(facts.facts.map(\.bootTime) == [Sample.time(7)], "the instant before the first write")
    // Proven: what follows needs no fact.
    incidents.withLockedValue { _ = $0.receipts.reserve("live/cam1", in: "i1") }
    journal.leaves(Sample.unit(3), Sample.stream, Sample.time(9), Sample.time(9))
    #expect(facts.facts.count == 1)
  }
}

import Journal
import Model
import Testing

@testable import Cascade

@Suite("The exchange of timestamps with an upper node")
struct ClockExchangeTests {
  private func t1(_ message: LinkMessage) -> Int64? { if case .timeRequest(let t1, _) = message { t1 } else { nil } }

  @Test("believes answers to its own questions only, each once")
  func answers() {
    var exchange = ClockExchange()
    exchange.linked(to: "p")
    #expect(exchange.answered(t1: 5, t2: 1000, t3: 1001, at: Sample.time(10)) == nil)
    #expect(t1(exchange.ask(at: Sample.time(5))) == 5)
    #expect(t1(exchange.ask(at: Sample.time(7))) == 7)
    #expect(exchange.answered(t1: 5, t2: 1000, t3: 1001, at: Sample.time(10)) == .agreed)
    #expect(exchange.answered(t1: 5, t2: 1000, t3: 1001, at: Sample.time(11)) == nil)
    #expect(exchange.peerOffset(at: Sample.time(10)) == PeerOffset(peerBoot: "p", low: 991, high: 996), "the upper bound is five nanoseconds old")
    // An answer to a later question closes those before it: they were lost on the way.
    _ = exchange.ask(at: Sample.time(20))
    _ = exchange.ask(at: Sample.time(30))
    #expect(exchange.answered(t1: 30, t2: 1024, t3: 1025, at: Sample.time(33)) == .agreed)
    #expect(exchange.answered(t1: 20, t2: 1014, t3: 1015, at: Sample.time(34)) == nil)
  }

  @Test("keeps sixteen questions, and none over a lost link")
  func forgets() {
    var exchange = ClockExchange()
    exchange.linked(to: "p")
    for number in 1...20 { _ = exchange.ask(at: Sample.time(Int64(number))) }
    #expect(exchange.answered(t1: 4, t2: 1, t3: 1, at: Sample.time(30)) == nil)
    #expect(exchange.answered(t1: 5, t2: 100, t3: 100, at: Sample.time(30)) == .agreed)
    exchange.lost()
    #expect(exchange.answered(t1: 20, t2: 100, t3: 100, at: Sample.time(30)) == nil)
    #expect(exchange.interval(at: Sample.time(30)) != nil, "a lost link changes no clock")
  }

  @Test("carries the newest beacon and when it arrived, for ten seconds, and none over a lost link")
  func beacons() throws {
    var exchange = ClockExchange()
    exchange.linked(to: "p")
    #expect(exchange.ask(at: Sample.time(1)) == .timeRequest(t1: 1, beacon: nil))
    let maker = try NodeIdentity.temporary()
    for number in 1...2 {
      exchange.received(
        try Beacon(nonce: RandomHex.digits(32), at: Sample.time(Int64(number) * 100), boot: "p", identity: maker),
        at: Sample.seconds(Int64(number)))
    }
    let newest = ReceivedBeacon(sentNs: 200, arrivalNs: 2_000_000_000)
    #expect(exchange.ask(at: Sample.seconds(3)) == .timeRequest(t1: 3_000_000_000, beacon: newest))
    #expect(exchange.newestBeacon(at: Sample.seconds(12))?.beacon.nanoseconds == 200)
    #expect(exchange.newestBeacon(at: Sample.seconds(12) + Nanoseconds(1)) == nil)
    exchange.lost()
    #expect(exchange.newestBeacon(at: Sample.seconds(3)) == nil)
  }

  @Test("has its interval recorded once a minute, at once after a step and on a new link, and begins anew with another boot")
  func due() throws {
    var exchange = ClockExchange()
    exchange.linked(to: "p")
    #expect(exchange.due(at: Sample.seconds(0)) == nil, "nothing is known yet")
    func exchangeOnce(at seconds: Int64, ahead: Int64) -> OffsetEstimator.Outcome? {
      let start = Sample.seconds(seconds)
      _ = exchange.ask(at: start)
      let there = start.nanoseconds + ahead
      return exchange.answered(t1: start.nanoseconds, t2: there + 1000, t3: there + 1000, at: start + Nanoseconds(2000))
    }
    #expect(exchangeOnce(at: 1, ahead: 0) == .agreed)
    #expect(exchange.due(at: Sample.seconds(2))?.peerBoot == "p")
    #expect(exchange.due(at: Sample.seconds(61)) == nil)
    #expect(exchange.due(at: Sample.seconds(62)) != nil)
    guard case .stepped? = exchangeOnce(at: 63, ahead: 5_000_000_000) else {
      Issue.record("no step")
      return
    }
    #expect(exchange.due(at: Sample.seconds(64)) != nil)
    exchange.linked(to: "p")
    #expect(exchange.due(at: Sample.seconds(65)) != nil)
    exchange.linked(to: "q")
    #expect(exchange.due(at: Sample.seconds(66)) == nil)
    #expect(exchange.peerOffset(at: Sample.seconds(66)) == nil)
  }
}

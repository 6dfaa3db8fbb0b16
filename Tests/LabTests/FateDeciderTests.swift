import FirstFrameTesting
import Model
import Testing

@Suite("The lab decides by its seed, packet by packet")
struct FateDeciderTests {
  private func at(_ milliseconds: Double) -> BootTime { BootTime(nanoseconds: 1_000_000_000 + Int64(milliseconds * 1e6)) }

  private func decisions(_ impairment: Impairment, seed: UInt64 = 1, count: Int, every milliseconds: Double = 1) -> [FateDecider.Decision] {
    var decider = FateDecider(seed: seed, impairment: impairment)
    return (0..<count).map { decider.decide(.media, length: 1000, at: at(Double($0) * milliseconds)) }
  }

  private func delays(_ impairment: Impairment, count: Int) -> [Double] {
    decisions(impairment, count: count).enumerated().map { ($1.due - at(Double($0))).milliseconds }
  }

  @Test("the n-th packet has the same luck whatever else is sent and however late it comes; another seed has another")
  func deterministic() {
    var impairment = Impairment(delay: .milliseconds(10))
    impairment.loss = 0.2
    impairment.burst = Impairment.Burst(toBad: 0.05, toGood: 0.3)
    impairment.duplication = 0.1
    let quiet = decisions(impairment, count: 2000)
    var decider = FateDecider(seed: 1, impairment: impairment)
    var crowded: [FateDecider.Decision] = []
    for index in 0..<2000 {
      for kind in [PacketClass.tcp, .control, .other].prefix(index % 4) { _ = decider.decide(kind, length: 60, at: at(Double(index) * 3)) }
      crowded.append(decider.decide(.media, length: 100, at: at(Double(index) * 3)))
    }
    #expect(quiet.map(\.fate) == crowded.map(\.fate))
    #expect(quiet.map(\.isDoubled) == crowded.map(\.isDoubled))
    #expect(quiet.map(\.fate) != decisions(impairment, seed: 2, count: 2000).map(\.fate))
  }

  @Test("losses come at their rate, alone and in bursts of their length")
  func losses() {
    var alone = Impairment()
    alone.loss = 0.02
    let lost = decisions(alone, count: 100_000).count { $0.fate == .lost }
    // Five deviations of a binomial.
    #expect((1780...2220).contains(lost))
    var bursty = Impairment()
    bursty.burst = Impairment.Burst(toBad: 0.01, toGood: 0.25)
    let fates = decisions(bursty, count: 100_000).map(\.fate)
    let bad = fates.count { $0 == .lost }
    let bursts = zip([.delivered] + fates, fates).count { $0 == .delivered && $1 == .lost }
    #expect((3300...4400).contains(bad), "p/(p+r) = 3.85 %")
    #expect((3.6...4.4).contains(Double(bad) / Double(bursts)), "1/r = 4 packets")
    #expect(decisions(Impairment(), count: 1000).allSatisfy { $0.fate == .delivered && !$0.isDoubled })
  }

  @Test("signalling and reports are delayed, and never lost, doubled or jittered")
  func mediaOnly() {
    var impairment = Impairment(delay: .milliseconds(7))
    impairment.loss = 1
    impairment.duplication = 1
    impairment.jitter = .uniform(.milliseconds(5))
    var decider = FateDecider(seed: 3, impairment: impairment)
    for kind in [PacketClass.tcp, .control, .other] {
      let decision = decider.decide(kind, length: 60, at: at(1))
      #expect(decision.fate == .delivered && decision.due == at(8) && !decision.isDoubled)
    }
    #expect(decider.decide(.media, length: 60, at: at(1)).fate == .lost)
  }

  @Test("jitter has its distribution, is never a journey back in time, and keeps the order when told to")
  func jitter() {
    var impairment = Impairment(delay: .milliseconds(20))
    impairment.jitter = .uniform(.milliseconds(5))
    let uniform = delays(impairment, count: 20_000)
    #expect(uniform.min() ?? 0 >= 15 && uniform.max() ?? 99 <= 25)
    #expect(abs(uniform.reduce(0, +) / 20_000 - 20) < 0.1)
    impairment.jitter = .normal(.milliseconds(4))
    let normal = delays(impairment, count: 20_000)
    let mean = normal.reduce(0, +) / 20_000
    #expect(abs(mean - 20) < 0.15)
    #expect(abs((normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000).squareRoot() - 4) < 0.15)
    impairment.jitter = .exponential(.milliseconds(6))
    let tail = delays(impairment, count: 20_000)
    #expect(tail.min() ?? 0 >= 20)
    #expect(abs(tail.reduce(0, +) / 20_000 - 26) < 0.25)
    impairment.delay = .zero
    impairment.jitter = .normal(.milliseconds(4))
    #expect(delays(impairment, count: 1000).allSatisfy { $0 >= 0 })
    let dues = decisions(impairment, count: 1000).map(\.due)
    #expect(zip(dues, dues.dropFirst()).contains { $0 > $1 })
    impairment.keepsOrder = true
    let ordered = decisions(impairment, count: 1000).map(\.due)
    #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test("held-back packets are held back by their time, at their rate")
  func reordering() {
    var impairment = Impairment(delay: .milliseconds(20))
    impairment.reordering = Impairment.Reordering(probability: 0.1, by: .milliseconds(15))
    let delays = delays(impairment, count: 10_000)
    #expect(Set(delays) == [20, 35])
    #expect((850...1150).contains(delays.count { $0 == 35 }))
  }

  @Test("a bottleneck sends one after the other and drops what finds no room")
  func bottleneck() {
    var impairment = Impairment()
    // A packet of 1000 bytes takes 8 ms; one comes each millisecond; three wait in 24 ms.
    impairment.rate = 1_000_000
    impairment.queue = .milliseconds(24)
    let all = decisions(impairment, count: 50)
    let passed = all.filter { $0.fate == .delivered }.map(\.due)
    #expect(all.prefix(4).map(\.fate) == [.delivered, .delivered, .delivered, .queueFull])
    #expect(zip(passed, passed.dropFirst()).allSatisfy { $1 - $0 == .milliseconds(8) })
    #expect(passed.first == at(8))
  }

  @Test("in an outage nothing passes; it counts from the first media packet")
  func outage() {
    var impairment = Impairment()
    impairment.outages = [.milliseconds(100) ..< .milliseconds(200)]
    var decider = FateDecider(seed: 1, impairment: impairment)
    #expect(decider.decide(.tcp, length: 60, at: at(150)).fate == .delivered, "no media yet")
    let fates = (0..<300).map { decider.decide(.media, length: 100, at: at(1000 + Double($0))).fate }
    #expect(fates.indices.filter { fates[$0] == .outage } == Array(100..<200))
    #expect(decider.decide(.tcp, length: 60, at: at(1150)).fate == .outage)
  }
}

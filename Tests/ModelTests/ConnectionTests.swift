import Model
import Synchronization
import Testing

@Suite("Whose connections stand")
struct ConnectionTests {
  @Test("a source is an IPv4 address or the /64 of an IPv6 one, whatever port it comes from")
  func sources() {
    let expected = [
      "10.0.0.9:4000": "10.0.0.9", "10.0.0.9": "10.0.0.9", "[::ffff:10.0.0.9]:1": "10.0.0.9", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
      "2001:db8:1:2::9": "2001:db8:1:2::/64", "::1": "::1", "127.0.0.1:5": "127.0.0.1", "fe80::1%eth0": "fe80:0:0:0::/64", "nobody": "nobody", "": "",
    ]
    for (peer, source) in expected { #expect(SourceAddress(peer).description == source, "\(peer)") }
    #expect(SourceAddress(String(repeating: "x", count: 1000)).description.utf8.count == 64)
    #expect(["127.1.2.3", "[::1]:9", "::ffff:127.0.0.1"].allSatisfy { SourceAddress($0).isLoopback })
    #expect(["128.0.0.1", "::2", "localhost"].allSatisfy { !SourceAddress($0).isLoopback })
    #expect(SourceAddress.isAddress("::1") && SourceAddress.isAddress("10.0.0.9") && !SourceAddress.isAddress("evil.example"))
  }

  @Test("one source has so many connections and no more; this machine and those that are exempt have as many as there is room")
  func perSource() {
    var table = ConnectionTable(ConnectionLimits(perSource: 2, exempt: [SourceAddress("10.0.0.1")], total: 100))
    #expect(table.admit(SourceAddress("10.0.0.9")) == .admitted(1))
    #expect(table.admit(SourceAddress("10.0.0.9")) == .admitted(2))
    #expect(table.admit(SourceAddress("10.0.0.9")) == .refused(.source))
    for _ in 0..<5 {
      for exempt in ["10.0.0.1", "127.0.0.1"] { if case .refused = table.admit(SourceAddress(exempt)) { Issue.record("\(exempt)") } }
    }
    table.ended(1)
    table.ended(1)
    #expect(table.count == 11)
    if case .refused = table.admit(SourceAddress("10.0.0.9")) { Issue.record("there is room again") }
    #expect(table.admit(SourceAddress("10.0.0.9")) == .refused(.source))
  }

  @Test("where there is no room the stranger that has been there the longest makes it; who is known stays")
  func shedding() {
    var table = ConnectionTable(ConnectionLimits(total: 3))
    let source = SourceAddress("10.0.0.9")
    #expect([1, 2, 3].map { _ in table.admit(source) } == [.admitted(1), .admitted(2), .admitted(3)])
    table.known(1)
    #expect(table.admit(source) == .instead(4, of: 2))
    table.known(4)
    table.known(3)
    #expect(table.admit(source) == .refused(.full))
    table.ended(3)
    #expect(table.admit(source) == .admitted(5))
    #expect(table.count == 3)
  }

  @Test("a place that is taken before its holder said how it is closed is closed as soon as it says so")
  func guardian() throws {
    let guardian = ConnectionGuard(ConnectionLimits(total: 1))
    let closed = Mutex<[Int]>([])
    let first = try #require(guardian.admit("10.0.0.9"))
    let second = try #require(guardian.admit("10.0.0.9"))
    first.onShed { closed.withLock { $0.append(1) } }
    #expect(closed.withLock { $0 } == [1])
    second.onShed { closed.withLock { $0.append(2) } }
    let third = try #require(guardian.admit("10.0.0.9"))
    third.known()
    #expect(closed.withLock { $0 } == [1, 2])
    #expect(guardian.admit("10.0.0.9") == nil)
    #expect(guardian.figures == ConnectionGuard.Figures(standing: 1, refused: 1, shed: 2))
    let now = ContinuousClock.now
    #expect(guardian.report(now: now) == 3)
    #expect(guardian.admit("10.0.0.9") == nil)
    #expect(guardian.report(now: now + .seconds(59)) == nil, "once a minute")
    #expect(guardian.report(now: now + .seconds(60)) == 1)
    third.ended()
    #expect(guardian.figures.standing == 0)
  }

  @Test("connections take at most half of the descriptors that are not reserved, be there few or many")
  func descriptors() {
    #expect(ConnectionLimits.total(ofDescriptors: 256) == 96)
    #expect(ConnectionLimits.total(ofDescriptors: 524_288) == 262_112)
    #expect(ConnectionLimits.total(ofDescriptors: 10) == 1)
    #expect(ConnectionLimits.descriptors > 0)
  }
}

import FirstFrameTesting
import Model
import Testing

@testable import Access

@Suite("Refusals are counted by source and minute")
struct RefusalTests {
  private func refusal(_ peer: String, _ name: String = "live/cam1", code: FaultCode = .credentialsWrong) -> [String: JSON] {
    AccessRefusedFact(door: FactText(.publish), action: "publish", stream: FactText(text: name), peer: peer, code: FactText(code)).fields
  }

  private func seconds(_ value: Int64) -> BootTime { BootTime(nanoseconds: value * 1_000_000_000) }

  @Test("the first is a fact at once, the rest of its minute is one fact with their count and times")
  func minute() {
    var sums = RefusalSums()
    let first = sums.refused(FactKind.accessRefused, refusal("10.0.0.9:4000"), at: seconds(100))
    #expect(first.map(\.fields) == [refusal("10.0.0.9:4000")])
    for second in 101...130 as ClosedRange<Int64> {
      #expect(sums.refused(FactKind.accessRefused, refusal("10.0.0.9:\(second)"), at: seconds(second)).isEmpty)
    }
    #expect(sums.ended(at: seconds(159)).isEmpty)
    let sum = sums.ended(at: seconds(160))
    #expect(sum.map(\.at) == [seconds(130)])
    let expected = refusal("10.0.0.9").merging(["count": 30, "firstNs": 101_000_000_000, "lastNs": 130_000_000_000]) { $1 }
    #expect(sum.map(\.fields) == [expected])
    #expect(sums.subjects == 0)
    // The next minute begins with the next refusal.
    #expect(sums.refused(FactKind.accessRefused, refusal("10.0.0.9:1"), at: seconds(300)).count == 1)
    #expect(sums.ended(at: seconds(400)).isEmpty, "one alone has no sum")
  }

  @Test("a refusal that comes before its minute was swept is the first of the next, behind the sum")
  func late() {
    var sums = RefusalSums()
    for second in [0, 1, 61] as [Int64] {
      let due = sums.refused(FactKind.accessRefused, refusal("10.0.0.9:1"), at: seconds(second))
      #expect(due.map { $0.fields["count"] } == [[nil], [], [1, nil]][second == 0 ? 0 : second == 1 ? 1 : 2])
    }
  }

  @Test("a source that tries names without end makes a bounded number of facts, and none of its refusals goes uncounted")
  func oneSource() {
    var sums = RefusalSums()
    var due: [RefusalSums.Due] = []
    for number in 0..<20_000 { due += sums.refused(FactKind.accessRefused, refusal("10.0.0.9:1", "live/\(number)"), at: seconds(1)) }
    #expect(sums.subjects == RefusalSums.mostSubjectsOfSource + 1)
    due += sums.drain()
    #expect(due.count <= 2 * (RefusalSums.mostSubjectsOfSource + 1))
    let counted = due.reduce(0) { $0 + ($1.fields["count"]?.intValue ?? 1) }
    #expect(counted == 20_000)
    #expect(due.last { $0.fields["count"] != nil }?.fields["name"] == .null, "what is counted together names no stream")
    // Another source is not drowned by it.
    let other = sums.refused(FactKind.accessRefused, refusal("10.0.0.10:1"), at: seconds(1))
    #expect(other.map { $0.fields["peer"] } == ["10.0.0.10:1"])
  }

  @Test("sources without end are counted together beyond the table; an IPv6 network is one source")
  func manySources() {
    var sums = RefusalSums()
    var due: [RefusalSums.Due] = []
    for number in 0..<20_000 {
      due += sums.refused(FactKind.accessRefused, refusal("10.\(number / 256 / 256).\(number / 256).\(number % 256):1"), at: seconds(1))
    }
    #expect(sums.subjects <= RefusalSums.mostSubjects + 1)
    due += sums.drain()
    #expect(due.count <= RefusalSums.mostSubjects + 2)
    #expect(due.reduce(0) { $0 + ($1.fields["count"]?.intValue ?? 1) } == 20_000)
    #expect(due.contains { $0.fields["peer"] == "*" && ($0.fields["count"]?.intValue ?? 0) > 19_000 })
    due = []
    for number in 0..<1000 { due += sums.refused(FactKind.accessRefused, refusal("[2001:db8:1:2::\(String(number, radix: 16))]:1"), at: seconds(2)) }
    #expect(due.count == 1)
    #expect(sums.drain().map { $0.fields["peer"] } == ["2001:db8:1:2::/64"])
  }

  @Test("stands before the journal: other facts pass as they are, and a call begins every count anew")
  func counter() async throws {
    let facts = FactList()
    let counter = RefusalCounter(facts, clock: SystemClock())
    for _ in 0..<100 { counter.record(FactKind.accessRefused, refusal("10.0.0.9:1"), at: nil) }
    counter.record(FactKind.linkUp, ["x": 1], at: nil)
    #expect(facts.kinds == [FactKind.accessRefused, FactKind.linkUp])
    _ = try await counter.commit(FactKind.connectionRequested, [:], at: nil)
    #expect(facts.kinds.suffix(2) == [FactKind.accessRefused, FactKind.connectionRequested])
    #expect(facts.all(FactKind.accessRefused).last?["count"] == 99)
    counter.record(FactKind.accessRefused, refusal("10.0.0.9:1"), at: nil)
    #expect(facts.all(FactKind.accessRefused).count == 3, "what is refused after the call is there at once")
    counter.record(FactKind.accessRefused, refusal("10.0.0.9:1"), at: nil)
    counter.flush()
    #expect(facts.all(FactKind.accessRefused).last?["count"] == 1)
  }
}

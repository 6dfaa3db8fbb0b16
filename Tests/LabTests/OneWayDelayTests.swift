import FirstFrameTesting
import Measure
import Model
import NIOCore
import Testing

/// The way of key units from node to node, against the kernels' stamps of their packets (docs/lab.md).
@Suite(
  "One-way delay is the link's", .serialized, .enabled(if: NetworkLab.obstacle == nil, Comment(rawValue: NetworkLab.obstacle ?? "")))
struct OneWayDelayTests {
  private static let pictures = 60

  /// 60 ms there and 10 back, with jitter and bursts of loss.
  private static var forward: Impairment {
    var link = Impairment(delay: .milliseconds(60))
    link.jitter = .uniform(.milliseconds(3))
    link.burst = Impairment.Burst(toBad: 0.004, toGood: 0.3)
    return link
  }

  @Test("told for every key unit that came whole and for no other, to 0.1 ms of what the kernels saw", arguments: 1...UInt64(LabSeries.seeds))
  func delays(_ seed: UInt64) async throws {
    let lab = try await NetworkLab(seed: seed, forward: Self.forward, back: Impairment(delay: .milliseconds(10)))
    // Both ends' clocks are one kernel's: what the centre is told of the distance is exact.
    let gateway = try await LabGateway.start(in: lab.centre, frameRateMilli: 25_000, senderClock: ClockDistance(low: 0, high: 0))
    let node = try await FieldNode.start(in: lab.field, port: gateway.port)
    do {
      try await node.film(Self.pictures, patience: .milliseconds(400))
      try await gateway.sessionClosed()
    } catch {
      await node.stop()
      await gateway.stop()
      throw error
    }
    let (left, notebook) = (node.left, gateway.notebook)
    await node.stop()
    await gateway.stop()
    let log = await lab.stop()

    let truths = Self.truths(log)
    #expect(truths.count == Self.pictures / 10 && left.count == truths.count)
    let events = notebook.records.compactMap { record in
      if case .event(let event) = record, event.kind == .transit { event } else { nil }
    }
    let whole = zip(left, truths).compactMap { sent, truth in truth.map { (sent: sent, truth: $0) } }
    #expect(events.map(\.value1) == whole.map(\.sent.nanoseconds), "seed \(seed)")
    var measured: [Int64] = []
    for (event, unit) in zip(events, whole) {
      let delay = event.at.nanoseconds - event.value1
      measured.append(delay)
      #expect(abs(event.at.nanoseconds - unit.truth.came) <= 100_000, "seed \(seed)")
      // It begins before the write, so that it is never shorter than the link's part; what is more is the sender's.
      #expect(delay >= unit.truth.link, "seed \(seed)")
    }
    let window = try #require(notebook.windows.first)
    #expect(window.oneWayDelayLow == window.oneWayDelayHigh && window.oneWayDelayLow == Quantiles(measured))
    Ledger.note(oneWay: zip(measured, whole.map(\.truth.link)).map { ($0, $1) }, seed: seed)
  }

  /// Of each key picture in order: from its first packet's leaving to its last packet's coming, and when that was on the boot clock, by the kernels' stamps;
  /// nil when a packet of it was lost.
  private static func truths(_ log: TruthLog) -> [(link: Int64, came: Int64)?] {
    // Without a payload a packet only opens the way through NATs.
    let rows = log.rows(.forward, .media).filter { !$0.isCopy && $0.rtp != nil && $0.length > 40 }
    var order: [UInt32] = []
    var pictures: [UInt32: [TruthRow]] = [:]
    for row in rows.sorted(by: { $0.number < $1.number }) {
      guard let stamp = row.rtp?.timestamp else { continue }
      if pictures[stamp] == nil { order.append(stamp) }
      pictures[stamp, default: []].append(row)
    }
    // Between the two readings of one pair the thread may have been put aside: the middle one of all pairs was not.
    let apart = rows.compactMap(\.before).map { $0.kernel.nanoseconds - $0.boot.nanoseconds }.sorted()
    let wall = apart.isEmpty ? 0 : apart[apart.count / 2]
    return stride(from: 0, to: order.count, by: 10).map { index in
      let packets = pictures[order[index]] ?? []
      guard packets.allSatisfy({ $0.fate == .delivered }), let first = packets.compactMap(\.left).min(by: { $0.nanoseconds < $1.nanoseconds }),
        let last = packets.max(by: { $0.stamp?.nanoseconds ?? 0 < $1.stamp?.nanoseconds ?? 0 }), let stamp = last.stamp
      else { return nil }
      return (stamp.nanoseconds - first.nanoseconds, stamp.nanoseconds - wall)
    }
  }
}

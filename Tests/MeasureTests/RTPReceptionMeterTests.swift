import FirstFrameTesting
import Measure
import Model
import Testing

@Suite("A track's RTP packets are counted as they arrive")
struct RTPReceptionMeterTests {
  private func meter(_ sequence: [UInt16], step: Int64 = 10_000_000) -> RTPReceptionMeter {
    var meter = RTPReceptionMeter(track: 0, clockRate: 90_000)
    for (index, number) in sequence.enumerated() {
      meter.packet(
        sequenceNumber: number, timestamp: UInt32(truncatingIfNeeded: index * 900), arrival: BootTime(nanoseconds: Int64(index) * step),
        bytes: 100)
    }
    return meter
  }

  @Test("Losses, duplicates and reordering of a small sequence are as counted by hand")
  func byHand() {
    // 12 and 16 are missing, 14 comes twice, 13 comes after 15.
    let counters = meter([10, 11, 14, 14, 15, 13, 17, 18]).counters
    #expect(counters.packetsExpected == 9)
    #expect(counters.packetsReceived == 7)
    #expect(counters.packetsLost == 2)
    #expect(counters.packetsDuplicated == 1)
    #expect(counters.packetsReordered == 1)
    #expect(counters.bytesReceived == 800)
  }

  @Test("The count begins at the least sequence number, not at the first that arrived")
  func leastNotFirst() {
    let counters = meter([102, 100, 103, 104]).counters
    #expect(counters.packetsExpected == 5)
    #expect(counters.packetsLost == 1)
    // The mutant that takes the first arrival for the base would expect 3 and lose −1.
    #expect(counters.packetsExpected != 104 - 102 + 1)
  }

  @Test("A sequence number that wraps at 65536 goes on, and a packet from before the first goes below it")
  func wraps() {
    let counters = meter([65_534, 65_535, 1, 2]).counters
    #expect(counters.packetsExpected == 5)
    #expect(counters.packetsLost == 1)
    let below = meter([0, 65_535, 1]).counters
    #expect(below.packetsExpected == 3)
    #expect(below.packetsLost == 0)
    #expect(below.packetsReordered == 1)
  }

  @Test("A repeat of a packet 1023 behind is a duplicate, one 1024 behind is late")
  func lateRepeats() {
    var meter = meter((0...1023).map { UInt16($0) })
    meter.packet(sequenceNumber: 0, timestamp: 0, arrival: seconds(11), bytes: 100)
    #expect(meter.counters.packetsDuplicated == 1)
    meter.packet(sequenceNumber: 1024, timestamp: 1024 * 900, arrival: seconds(11), bytes: 100)
    meter.packet(sequenceNumber: 0, timestamp: 0, arrival: seconds(11), bytes: 100)
    meter.packet(sequenceNumber: 1025, timestamp: 1025 * 900, arrival: seconds(11), bytes: 100)
    let counters = meter.counters
    #expect(counters.packetsDuplicated == 1)
    #expect(counters.packetsLate == 1)
    #expect(counters.packetsLost == 0)
    #expect(counters.packetsExpected == 1026)
  }

  @Test("A sequence that begins anew is folded, and the cumulative counters go on")
  func restarts() {
    var meter = meter([100, 101, 103])
    for (index, number) in [40_000, 40_001, 40_003].enumerated() {
      meter.packet(
        sequenceNumber: UInt16(number), timestamp: 777_000_000 &+ UInt32(index) * 900,
        arrival: BootTime(nanoseconds: 100_000_000 + Int64(index) * 10_000_000), bytes: 100)
    }
    let counters = meter.counters
    #expect(counters.restarts == 1)
    #expect(counters.packetsExpected == 4 + 4)
    #expect(counters.packetsLost == 1 + 1)
    #expect(counters.packetsReceived == 6)
  }

  @Test("One stray packet restarts nothing and counts nowhere else")
  func stray() {
    var meter = meter([100, 101])
    meter.packet(sequenceNumber: 20_000, timestamp: 1000, arrival: BootTime(nanoseconds: 25_000_000), bytes: 100)
    meter.packet(sequenceNumber: 102, timestamp: 1800, arrival: BootTime(nanoseconds: 30_000_000), bytes: 100)
    let counters = meter.counters
    #expect(counters.restarts == 0)
    #expect(counters.packetsDiscarded == 1)
    #expect(counters.packetsExpected == 3)
    #expect(counters.packetsLost == 0)
  }

  @Test("An outage of 5000 packets whose timestamps kept pace is loss, not a restart")
  func outage() {
    var meter = meter([0, 1])
    meter.packet(sequenceNumber: 5002, timestamp: 900 * 5002, arrival: BootTime(nanoseconds: 5002 * 10_000_000), bytes: 100)
    let counters = meter.counters
    #expect(counters.restarts == 0)
    #expect(counters.packetsExpected == 5003)
    #expect(counters.packetsLost == 5000)
    meter.finish()
    #expect(meter.counters.packetsDecided == 5003)
    #expect(meter.counters.bursts == 1)
    #expect(meter.counters.burstPackets == 5000)
  }

  @Test("An announced new source starts new counters and keeps the old")
  func announced() {
    var meter = meter([7, 9])
    meter.restart()
    meter.packet(sequenceNumber: 8, timestamp: 5, arrival: seconds(1), bytes: 100)
    #expect(meter.counters.packetsExpected == 3 + 1)
    #expect(meter.counters.packetsLost == 1)
    #expect(meter.counters.restarts == 1)
  }

  @Test("Jitter follows RFC 3550 A.8 in nanoseconds")
  func jitter() {
    var meter = RTPReceptionMeter(track: 0, clockRate: 90_000)
    // 10 ms of media between packets; arrivals 0, 10, 26, 30 ms: |D| = 0, 6, 6 ms.
    for (index, arrival) in [0, 10, 26, 30].enumerated() {
      meter.packet(
        sequenceNumber: UInt16(index), timestamp: UInt32(index * 900), arrival: BootTime(nanoseconds: Int64(arrival) * 1_000_000), bytes: 1)
    }
    // J×16: 0; 6 000 000; 6 000 000 + 6 000 000 − (6 000 008 >> 4) = 11 625 000.
    #expect(meter.counters.jitterNs == 11_625_000 >> 4)
    #expect(meter.counters.jitterSumNs == (6_000_000 >> 4) + (11_625_000 >> 4))
    #expect(meter.counters.jitterCount == 3)
  }

  @Test("The report block gives the fraction since the last report, true losses and jitter in clock ticks")
  func reportBlock() {
    var meter = meter([1, 2, 4, 5, 5], step: 10_000_000)
    let first = meter.reportBlock()
    #expect(first?.fractionLost == UInt8(1 * 256 / 5))
    #expect(first?.cumulativeLost == 1)
    #expect(first?.extendedHighestSequenceNumber == 5)
    meter.packet(sequenceNumber: 6, timestamp: 5400, arrival: BootTime(nanoseconds: 60_000_000), bytes: 100)
    let second = meter.reportBlock()
    #expect(second?.fractionLost == 0)
    #expect(second?.cumulativeLost == 1)
    #expect(second.map { Int64($0.jitter) } == meter.counters.jitterNs * 90_000 / 1_000_000_000)
    var fresh = RTPReceptionMeter(track: 0, clockRate: 90_000)
    #expect(fresh.reportBlock() == nil)
  }

  @Test("Bursts and gaps follow RFC 3611 with Gmin 16")
  func burstsAndGaps() {
    // Arrivals 0–19, loss 20, arrivals 21–25, losses 26 27, arrivals 28–60, loss 61, arrivals 62–80.
    let lost: Set<Int> = [20, 26, 27, 61]
    var meter = meter((0...80).filter { !lost.contains($0) }.map { UInt16($0) })
    meter.finish()
    let counters = meter.counters
    #expect(counters.packetsDecided == 81)
    #expect(counters.decidedLost == 4)
    #expect(counters.bursts == 1)
    #expect(counters.burstPackets == 8)
    #expect(counters.burstLost == 3)
  }

  @Test("Random links: every counter equals naive bookkeeping over the whole trace", arguments: 0..<36)
  func equalsNaive(seed: UInt64) {
    var random = Mutator(seed: seed)
    var traffic = Traffic()
    traffic.loss = [0, 0.002, 0.02, 0.2][Int(seed % 4)]
    if seed % 3 == 0 { traffic.burst = (0.01, 0.3) }
    traffic.duplication = seed % 2 == 0 ? 0.03 : 0
    traffic.jitterNs = [0, 3_000_000, 80_000_000][Int(seed % 3)]
    traffic.firstSequence = [65_000, 0, 30_000][Int(seed / 3 % 3)]
    let packets = traffic.packets(frames: 900, using: &random)
    var meter = RTPReceptionMeter(track: 0, clockRate: 90_000)
    for packet in packets {
      meter.packet(
        sequenceNumber: UInt16(truncatingIfNeeded: packet.extended), timestamp: packet.timestamp, arrival: packet.arrival, bytes: 1)
    }
    meter.finish()
    let naive = Naive(packets)
    let counters = meter.counters
    #expect(counters.packetsExpected == naive.expected)
    #expect(counters.packetsReceived == naive.received)
    #expect(counters.packetsDuplicated == naive.duplicated)
    #expect(counters.packetsReordered == naive.reordered)
    #expect(counters.packetsLost == naive.expected - naive.received)
    #expect(counters.packetsLate == 0)
    #expect(counters.packetsDiscarded == 0)
    #expect(counters.restarts == 0)
    #expect(counters.packetsDecided == naive.expected)
    #expect([counters.decidedLost, counters.bursts, counters.burstPackets, counters.burstLost] == naive.bursts)
    #expect(abs(Double(counters.jitterNs) - naive.jitterNs) < 32)
  }

  /// Sets, arrays and floating point over the whole trace.
  private struct Naive {
    var expected: Int64
    var received: Int64
    var duplicated: Int64 = 0
    var reordered: Int64 = 0
    var bursts: [Int64] = []
    var jitterNs = 0.0

    init(_ packets: [Traffic.Packet]) {
      let numbers = packets.map(\.extended)
      let set = Set(numbers)
      let least = numbers.min() ?? 0
      let most = numbers.max() ?? 0
      expected = most - least + 1
      received = Int64(set.count)
      var seen: Set<Int64> = []
      var highest = Int64.min
      for number in numbers {
        if !seen.insert(number).inserted {
          duplicated += 1
        } else if number < highest {
          reordered += 1
        }
        highest = max(highest, number)
      }
      bursts = Naive.bursts(lost: (least...most).filter { !set.contains($0) })
      for (a, b) in zip(packets, packets.dropFirst()) {
        let media = Double(Int32(bitPattern: b.timestamp &- a.timestamp)) / 90_000 * 1e9
        jitterNs += (abs(Double((b.arrival - a.arrival).value) - media) - jitterNs) / 16
      }
    }

    /// Losses less than 16 arrivals apart belong together; two or more together are a burst.
    static func bursts(lost: [Int64]) -> [Int64] {
      var groups: [[Int64]] = []
      for number in lost {
        if let last = groups.last?.last, number - last - 1 < 16 { groups[groups.count - 1].append(number) } else { groups.append([number]) }
      }
      let real = groups.filter { $0.count >= 2 }
      let length = real.reduce(Int64(0)) { $0 + ($1[$1.count - 1] - $1[0] + 1) }
      return [Int64(lost.count), Int64(real.count), length, Int64(real.reduce(0) { $0 + $1.count })]
    }
  }

  @Test("Any numbers in any order neither trap nor make more packets than came")
  func anyInput() {
    var random = Mutator(seed: 99)
    for _ in 0..<40 {
      var meter = RTPReceptionMeter(track: 0, clockRate: Int32.random(in: -5...200_000, using: &random))
      for _ in 0..<1000 {
        meter.packet(
          sequenceNumber: UInt16.random(in: .min ... .max, using: &random), timestamp: UInt32.random(in: .min ... .max, using: &random),
          arrival: BootTime(nanoseconds: Int64.random(in: .min ... .max, using: &random)), bytes: 1)
        _ = meter.reportBlock()
      }
      meter.finish()
      let counters = meter.counters
      #expect(counters.packetsReceived + counters.packetsDuplicated + counters.packetsLate + counters.packetsDiscarded == 1000)
    }
  }
}

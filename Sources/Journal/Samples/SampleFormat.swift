internal import Model

/// What writer and reader of a sample file agree on (docs/samples.md). Numbers are bytes in files: they never change their meaning.
enum SampleFormat {
  enum Kind: UInt8 {
    case blockStart = 1
    case frame = 2
    case second = 3
    case event = 4
    case overflow = 5
    case blockEnd = 6
  }

  /// Bits before a second's optional members.
  static let hasRoundTrip: UInt64 = 1
  static let hasProbeLag: UInt64 = 2
  static let hasCPUPressure: UInt64 = 4

  static let blockLength = Nanoseconds.seconds(60)

  /// A track's counters in the order of the file; new ones are added at the end.
  static func counters(_ counters: TrackCounters, _ visit: (Int64) -> Void) {
    visit(counters.packetsExpected)
    visit(counters.packetsReceived)
    visit(counters.packetsDuplicated)
    visit(counters.packetsReordered)
    visit(counters.packetsLate)
    visit(counters.packetsDiscarded)
    visit(counters.packetsRecovered)
    visit(counters.bytesReceived)
    visit(counters.jitterNs)
    visit(counters.jitterSumNs)
    visit(counters.jitterCount)
    visit(counters.jitterMaxNs)
    visit(counters.packetsDecided)
    visit(counters.bursts)
    visit(counters.burstPackets)
    visit(counters.burstLost)
    visit(counters.decidedLost)
    visit(counters.restarts)
  }

  static let counterCount = 18

  static func counters(track: UInt8, _ values: [Int64]) -> TrackCounters {
    var counters = TrackCounters(track: track)
    func value(_ index: Int) -> Int64 { index < values.count ? values[index] : 0 }
    counters.packetsExpected = value(0)
    counters.packetsReceived = value(1)
    counters.packetsDuplicated = value(2)
    counters.packetsReordered = value(3)
    counters.packetsLate = value(4)
    counters.packetsDiscarded = value(5)
    counters.packetsRecovered = value(6)
    counters.bytesReceived = value(7)
    counters.jitterNs = value(8)
    counters.jitterSumNs = value(9)
    counters.jitterCount = value(10)
    counters.jitterMaxNs = value(11)
    counters.packetsDecided = value(12)
    counters.bursts = value(13)
    counters.burstPackets = value(14)
    counters.burstLost = value(15)
    counters.decidedLost = value(16)
    counters.restarts = value(17)
    return counters
  }
}

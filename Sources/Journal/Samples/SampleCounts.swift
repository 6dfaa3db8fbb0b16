internal import Model

/// How many records of each kind there were: in a block, or dropped before it.
struct SampleCounts: Equatable {
  var frames: UInt64 = 0
  var seconds: UInt64 = 0
  var events: UInt64 = 0

  var isZero: Bool { frames | seconds | events == 0 }
  var sum: UInt64 { frames &+ seconds &+ events }

  mutating func count(_ record: SampleRecord) {
    switch record {
    case .frame: frames &+= 1
    case .second: seconds &+= 1
    case .event: events &+= 1
    }
  }
}

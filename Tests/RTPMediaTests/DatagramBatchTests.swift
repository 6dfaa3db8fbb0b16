import FirstFrameTesting
import Gateway
import Measure
import Model
import RTPMedia
import Testing

@Suite("The datagrams of a round", .timeLimit(.minutes(1)))
struct DatagramBatchTests {
  private let now = BootTime(nanoseconds: 2_000_000_000_000)

  private func packet(_ number: UInt16) -> [UInt8] {
    Packets.packet(number, time: UInt32(number) * 3600, number == 1 ? Packets.key : Packets.other, marker: true)
  }

  @Test("late ones are put where they belong as far as the round reaches, repeated ones are left out")
  func order() async throws {
    try await LivePublisher.with { publisher in
      try await publisher.round([packet(1), packet(3), packet(2), packet(3), packet(4)], at: now)
      #expect(publisher.reader.numbers == [[1, 2, 3, 4]])
      // It belongs before what has gone already: it goes now, for a reader's window can still use it.
      try await publisher.round([packet(6)], at: now + .milliseconds(20))
      try await publisher.round([packet(5)], at: now + .milliseconds(25))
      #expect(publisher.reader.numbers.dropFirst() == [[6], [5]])
      let quality = try await publisher.on { $0.inboundQuality(at: BootTime(nanoseconds: 2_000_001_000_000)) }
      #expect(quality?.packetsReceived == 6 && quality?.packetsDuplicated == 1)
    }
  }

  @Test("a round's batch arrived with its newest datagram, and begins with nothing of the round before")
  func rounds() async throws {
    try await LivePublisher.with { publisher in
      try await publisher.round([packet(1), packet(2)], at: now)
      try await publisher.round([], at: now + .milliseconds(5))
      try await publisher.round([packet(3)], at: now + .milliseconds(10))
      #expect(publisher.reader.numbers == [[1, 2], [3]])
      #expect(publisher.reader.arrivals == [now + .milliseconds(1), now + .milliseconds(10)])
    }
  }

  @Test("what is no packet of the stream is left out")
  func foreign() async throws {
    try await LivePublisher.with { publisher in
      try await publisher.round([[1, 2, 3], Packets.packet(9, time: 0, [1], payloadType: 13), packet(1)], at: now)
      #expect(publisher.reader.numbers == [[1]])
    }
  }

  @Test("a large round after small ones is whole, and so is a small one after it")
  func sizes() async throws {
    try await LivePublisher.with { publisher in
      for (round, count) in [(0, 1), (1, 600), (2, 1), (3, 300)] {
        let packets = (0..<count).map { packet(UInt16(round * 1000 + $0 + 1)) }
        try await publisher.round(packets, at: now + .milliseconds(Int64(round) * 1000))
      }
      #expect(publisher.reader.numbers.map(\.count) == [1, 600, 1, 300])
    }
  }
}

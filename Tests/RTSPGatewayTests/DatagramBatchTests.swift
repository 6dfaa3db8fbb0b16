import NIOCore
import Testing

@testable import RTSPGateway

@Suite("Datagrams of one round become one run of packets")
struct DatagramBatchTests {
  private func packet(_ sequence: UInt16) -> [UInt8] {
    [0x80, 96, UInt8(sequence >> 8), UInt8(sequence & 255), 0, 0, 0, 0, 0, 0, 0, 1, UInt8(sequence & 255)]
  }

  private func framed(_ channel: UInt8, _ sequence: UInt16) -> [UInt8] { [0x24, channel, 0, 13] + packet(sequence) }

  @Test("a late packet takes its place within its track")
  func order() {
    var batch = DatagramBatch()
    for (channel, sequence) in [(0, 65534), (2, 7), (0, 1), (0, 2)] as [(UInt8, UInt16)] {
      packet(sequence).withUnsafeBytes { batch.append($0, channel: channel) }
    }
    let place = batch.place(sequenceNumber: 65535, channel: 0)
    #expect(place == 34)
    packet(65535).withUnsafeBytes { batch.insert($0, channel: 0, at: place) }
    #expect(Array(buffer: batch.take()) == framed(0, 65534) + framed(2, 7) + framed(0, 65535) + framed(0, 1) + framed(0, 2))
    #expect(batch.count == 0)
    #expect(batch.place(sequenceNumber: 3, channel: 0) == 0)
  }

  @Test("repeats are told from stragglers over the wrap of sequence numbers")
  func repeats() {
    var filter = RepeatFilter()
    #expect(filter.note(65534) == .next)
    #expect(filter.note(1) == .next)
    #expect(filter.note(65535) == .late)
    #expect(filter.note(65535) == .repeated)
    #expect(filter.note(1) == .repeated)
    #expect(filter.note(0) == .late)
    #expect(filter.note(65534) == .repeated)
    #expect(filter.note(200) == .next)
    #expect(filter.note(1) == .next)
    #expect(filter.note(2) == .next)
  }
}

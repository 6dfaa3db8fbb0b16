import FirstFrameTesting
import Model
import NIOCore
import Testing

@testable import Pipelines

@Suite("The cluster writer") struct ClusterWriterTests {
  struct NoName: Error {}
  static func unit(_ track: UInt8, _ milliseconds: Int64, key: Bool = false, size: Int = 10) throws -> AccessUnit {
    guard let path = StreamName("live/a") else { throw NoName() }
    return AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "n", path: path), epoch: 1, number: 1), track: track,
      pts: MediaTime(value: milliseconds, timescale: 1000), firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0),
      flags: key ? .key : [], payload: ByteBuffer(repeating: UInt8(truncatingIfNeeded: milliseconds), count: size))
  }
  static let both = ClusterWriter(outputs: [
    0: .init(number: 1, isVideo: true, delay: 0), 1: .init(number: 2, isVideo: false, delay: 0),
  ])
  static let head: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255]

  func read(_ chunks: [MuxedChunk]) throws -> MatroskaFile {
    try MatroskaFile(Self.head + chunks.flatMap { Array($0.bytes.readableBytesView) })
  }

  @Test("opens a cluster at each video key frame and at each batch, and says which is which") func cuts() throws {
    let first = Self.both.write([
      try Self.unit(1, 0), try Self.unit(0, 0, key: true), try Self.unit(1, 20), try Self.unit(0, 40), try Self.unit(0, 80, key: true),
    ])
    #expect(first.map(\.startsKeyCluster) == [false, true, true])
    #expect(first.map(\.startsCluster) == [true, true, true])
    #expect(first.map(\.unitCount) == [1, 3, 1])
    #expect(first.map(\.pts) == [.zero, .zero, .milliseconds(80)])
    let second = Self.both.write([try Self.unit(0, 120)])
    #expect(second.map(\.startsKeyCluster) == [false])
    let file = try read(first + second)
    #expect(file.clusterCount == 4)
    #expect(file.blocks.map(\.nanoseconds) == [0, 0, 20, 40, 80, 120].map { $0 * 1_000_000 })
    #expect(file.blocks.map(\.track) == [2, 1, 2, 1, 1, 1])
    #expect(file.blocks.map(\.isKey) == [true, true, true, false, true, false])
  }

  @Test("has every cluster of an audio-only stream a place to cut") func audioOnly() throws {
    let writer = ClusterWriter(outputs: [3: .init(number: 1, isVideo: false, delay: 6_500_000)])
    let chunks = writer.write([try Self.unit(3, 100), try Self.unit(3, 120), try Self.unit(9, 130)])
    #expect(chunks.map(\.startsKeyCluster) == [true])
    #expect(chunks.map(\.unitCount) == [2])
    #expect(try read(chunks).blocks.map(\.nanoseconds) == [107_000_000, 127_000_000])
  }

  @Test("keeps times that a block's sixteen bits cannot hold, B-frames before their key frame, and clamps before zero") func times() throws {
    let chunks = Self.both.write([
      try Self.unit(0, 5000, key: true), try Self.unit(0, 4960), try Self.unit(0, 5000 + 32_767), try Self.unit(0, 5000 + 32_768),
      try Self.unit(0, 3_600_000),
    ])
    #expect(chunks.map(\.unitCount) == [3, 1, 1])
    #expect(try read(chunks).blocks.map { $0.nanoseconds / 1_000_000 } == [5000, 4960, 37_767, 37_768, 3_600_000])
    let early = try read(Self.both.write([try Self.unit(0, -40, key: true), try Self.unit(0, 0)]))
    #expect(early.blocks.map { $0.nanoseconds / 1_000_000 } == [-40, 0])
    let absurd = Self.both.write([try Self.unit(0, .min, key: true), try Self.unit(0, .max)])
    #expect(absurd.map(\.unitCount).reduce(0, +) == 2)
  }

  @Test("writes every length of size", arguments: [(0, 1), (126, 1), (127, 2), (16_382, 2), (16_383, 3), (2_097_150, 3), (2_097_151, 4)])
  func sizes(size: Int, length: Int) throws {
    #expect(ClusterWriter.sizeLength(size) == length)
    var bytes = ByteBuffer()
    bytes.writeInteger(UInt8(0xA3))
    ClusterWriter.writeSize(size, to: &bytes)
    #expect(bytes.readableBytes == 1 + length)
    bytes.writeRepeatingByte(1, count: size)
    let all = Array(bytes.readableBytesView)
    let element = EBMLElement(all, at: 0, limit: all.count)
    #expect(element?.isWhole == true)
    #expect(element?.content.count == size)
  }

  @Test("is read back from mutants without a trap") func fuzz() throws {
    let chunks = Self.both.write([try Self.unit(0, 0, key: true), try Self.unit(1, 20), try Self.unit(0, 40)])
    let sample = Self.head + chunks.flatMap { Array($0.bytes.readableBytesView) }
    var mutator = Mutator(seed: 5)
    var read = 0
    for _ in 0..<4000 {
      let mutant = mutator.mutate(sample)
      if (try? MatroskaFile(mutant)) != nil { read += 1 }
      _ = MatroskaHeader(cutting: mutant)
    }
    #expect(read > 500)
  }
}

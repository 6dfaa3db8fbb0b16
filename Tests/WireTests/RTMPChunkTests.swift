import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("RTMP chunks")
struct RTMPChunkTests {
  static func message(_ kind: RTMPMessage.Kind, _ count: Int, time: UInt32 = 40, chunkStream: Int = 6) -> RTMPMessage {
    let payload = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    return RTMPMessage(kind: kind, chunkStream: chunkStream, stream: 1, timestamp: time, payload: payload)
  }

  static func decode(_ bytes: ByteBuffer, step: Int, chunkSize: UInt32? = nil) throws -> [RTMPMessage] {
    var decoder = RTMPChunkDecoder()
    var all = ByteBuffer()
    if let chunkSize { RTMPChunkEncoder().write(RTMPControl.setChunkSize(chunkSize).message, into: &all) }
    all.writeImmutableBuffer(bytes)
    var messages: [RTMPMessage] = []
    while all.readableBytes > 0 {
      guard var piece = all.readSlice(length: min(step, all.readableBytes)) else { break }
      while let message = try decoder.next(&piece) { messages.append(message) }
    }
    return chunkSize == nil ? messages : Array(messages.dropFirst())
  }

  @Test(
    "messages come back whole whatever the chunk size and wherever the reads cut", arguments: [128, 4096, 65_536], [1, 2, 7, 1000, 1 << 20])
  func roundTrip(chunkSize: Int, step: Int) throws {
    let sent = [
      RTMPChunkTests.message(.video, 5000), RTMPChunkTests.message(.audio, 0), RTMPChunkTests.message(.audio, 128, chunkStream: 4),
      RTMPChunkTests.message(.video, 129, time: 0xFF_FFFE), RTMPChunkTests.message(.video, 70_000, time: 0xFF_FFFF),
      RTMPChunkTests.message(.video, 300, time: 0xFFFF_FFFF),
    ]
    var wire = ByteBuffer()
    let encoder = RTMPChunkEncoder(chunkSize: chunkSize)
    for message in sent { encoder.write(message, into: &wire) }
    #expect(try RTMPChunkTests.decode(wire, step: step, chunkSize: UInt32(chunkSize)) == sent)
  }

  @Test("deltas of type 1 and 2, and type 3 for a new message, add up")
  func deltas() throws {
    var wire = ByteBuffer(bytes: [4, 0, 0, 100, 0, 0, 2, 8, 1, 0, 0, 0, 0xA, 0xB])
    wire.writeBytes([0x44, 0, 0, 23, 0, 0, 1, 8, 0xC])
    wire.writeBytes([0x84, 0, 0, 21, 0xD])
    wire.writeBytes([0xC4, 0xE])
    let times = try RTMPChunkTests.decode(wire, step: 3).map(\.timestamp)
    #expect(times == [100, 123, 144, 165])
  }

  @Test("type 3 behind type 0 repeats a small time as its delta and a large one not at all")
  func typeThreeAfterZero() throws {
    let small = ByteBuffer(bytes: [4, 0, 0, 40, 0, 0, 1, 8, 1, 0, 0, 0, 1, 0xC4, 2])
    #expect(try RTMPChunkTests.decode(small, step: 99).map(\.timestamp) == [40, 80])
    let large = ByteBuffer(bytes: [4, 0, 0xFF, 0, 0, 0, 1, 8, 1, 0, 0, 0, 1, 0xC4, 2])
    #expect(try RTMPChunkTests.decode(large, step: 99).map(\.timestamp) == [0xFF00, 0xFF00])
  }

  @Test("an extended timestamp is understood whether type 3 repeats it or not", arguments: [true, false])
  func extendedRepeats(repeats: Bool) throws {
    var wire = ByteBuffer(bytes: [6, 0xFF, 0xFF, 0xFF, 0, 0, 200, 9, 1, 0, 0, 0, 1, 2, 3, 4])
    wire.writeRepeatingByte(0x55, count: 128)
    wire.writeInteger(UInt8(0xC6))
    if repeats { wire.writeBytes([1, 2, 3, 4]) }
    wire.writeRepeatingByte(0x66, count: 72)
    let messages = try RTMPChunkTests.decode(wire, step: 5)
    #expect(messages.map(\.timestamp) == [0x0102_0304])
    let payload = [UInt8](repeating: 0x55, count: 128) + [UInt8](repeating: 0x66, count: 72)
    #expect(messages.first.map { Array($0.payload.readableBytesView) } == payload)
  }

  @Test("chunks of two messages may alternate, also on chunk streams beyond 64 and 320")
  func interleaved() throws {
    var wire = ByteBuffer(bytes: [0x00, 36, 0, 0, 1, 0, 0, 200, 9, 1, 0, 0, 0])
    wire.writeRepeatingByte(1, count: 128)
    wire.writeBytes([0x01, 0x01, 0x01, 0, 0, 2, 0, 0, 3, 8, 1, 0, 0, 0, 9, 9, 9])
    wire.writeBytes([0xC0, 36])
    wire.writeRepeatingByte(2, count: 72)
    let messages = try RTMPChunkTests.decode(wire, step: 4)
    #expect(messages.map(\.chunkStream) == [64 + 257, 100])
    #expect(messages.map(\.payload.readableBytes) == [3, 200])
  }

  @Test("an abort discards what had come of its message")
  func abort() throws {
    var wire = ByteBuffer(bytes: [6, 0, 0, 1, 0, 0, 200, 9, 1, 0, 0, 0])
    wire.writeRepeatingByte(1, count: 128)
    RTMPChunkEncoder().write(RTMPControl.abort(chunkStream: 6).message, into: &wire)
    wire.writeBytes([6, 0, 0, 5, 0, 0, 1, 9, 1, 0, 0, 0, 0x77])
    let messages = try RTMPChunkTests.decode(wire, step: 11)
    #expect(messages.map(\.kind) == [.abort, .video])
    #expect(messages.last?.payload == ByteBuffer(bytes: [0x77]))
  }

  @Test("what nobody sends in earnest is refused: orphan headers, a chunk size of zero, 65 chunk streams, a command of 1 MiB")
  func limits() {
    func refuses(_ bytes: [UInt8]) -> Bool { (try? RTMPChunkTests.decode(ByteBuffer(bytes: bytes), step: 1 << 20)) == nil }
    #expect(refuses([0xC6, 1]))
    #expect(refuses([0x86, 0, 0, 1]))
    #expect(refuses([2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0]))
    #expect(refuses([3, 0, 0, 0, 0x10, 0, 0, 20, 0, 0, 0, 0, 1]))
    let many = (0..<65).flatMap { [0, UInt8($0), 0, 0, 0, 0, 0, 1, 8, 1, 0, 0, 0, 1] as [UInt8] }
    #expect(refuses(many))
    #expect(!refuses(Array(many.prefix(64 * 14))))
  }

  @Test("unfinished messages over all chunk streams are bounded")
  func unfinished() {
    var wire = ByteBuffer()
    RTMPChunkEncoder().write(RTMPControl.setChunkSize(8 << 20).message, into: &wire)
    for id in 0..<4 as Range<UInt8> {
      wire.writeBytes([6 + id, 0, 0, 0, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0])
      wire.writeRepeatingByte(0, count: 8 << 20)
    }
    #expect(throws: Fault.self) { try RTMPChunkTests.decode(wire, step: 1 << 20) }
  }
}

import NIOCore
import Testing

@testable import RTSPGateway

@Suite("Frames of one read become one run of bytes")
struct FramingTests {
  private func frame(_ channel: UInt8, _ bytes: [UInt8]) -> [UInt8] { [0x24, channel, 0, UInt8(bytes.count)] + bytes }

  /// Appends frames at the offsets they lie at, each for a canonical channel.
  private func gather(_ bytes: [UInt8], _ frames: [(offset: Int, count: Int, channel: UInt8)]) -> (ByteBuffer, ByteBuffer?) {
    let buffer = ByteBuffer(bytes: bytes)
    var span = FrameSpan()
    buffer.withUnsafeReadableBytes { raw in
      for frame in frames { span.append(offset: frame.offset, count: frame.count, canonical: frame.channel, in: raw) }
    }
    return (buffer, span.finish(in: buffer))
  }

  @Test("neighbours on canonical channels are a slice of what was received")
  func slice() throws {
    let bytes = [1, 2] + frame(0, [7, 7]) + frame(2, [8])
    let (buffer, packets) = gather(bytes, [(2, 6, 0), (8, 5, 2)])
    let found = try #require(packets)
    #expect(Array(buffer: found) == Array(bytes[2...]))
    buffer.withVeryUnsafeBytes { whole in
      found.withVeryUnsafeBytes { part in #expect(part.baseAddress == whole.baseAddress.map { $0 + 2 }) }
    }
  }

  @Test("a frame between that is none of them is left out")
  func hole() {
    let bytes = frame(0, [1]) + frame(1, [9, 9]) + frame(0, [2])
    #expect(gather(bytes, [(0, 5, 0), (11, 5, 0)]).1.map { Array(buffer: $0) } == frame(0, [1]) + frame(0, [2]))
  }

  @Test("other channels are rewritten to canonical ones")
  func channels() {
    let bytes = frame(4, [1]) + frame(6, [2])
    #expect(gather(bytes, [(0, 5, 0), (5, 5, 2)]).1.map { Array(buffer: $0) } == frame(0, [1]) + frame(2, [2]))
  }

  @Test("no frame is nothing to pass on")
  func none() {
    #expect(gather(frame(1, [9]), []).1 == nil)
  }

  @Test("a channel map knows what a channel carries")
  func map() {
    var map = ChannelMap()
    map.set(track: 1, rtp: 7, rtcp: 9)
    #expect(map[7] == 2 && map[9] == 3 && map[8] == 255 && map[0] == 255)
  }
}

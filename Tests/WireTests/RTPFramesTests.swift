import FirstFrameTesting
import NIOCore
import Testing
import Wire

extension RTPFrames {
  fileprivate var packetCount: Int {
    var count = 0
    walk { _ in count += 1 }
    return count
  }
}

@Suite("Framed packets are walked, rewritten, split and put in order by one type")
struct RTPFramesTests {
  private func packet(_ sequence: UInt16, _ payload: [UInt8] = []) -> [UInt8] {
    [0x80, 96, UInt8(sequence >> 8), UInt8(sequence & 255), 0, 0, 0, 0, 0, 0, 0, 1] + payload
  }

  private func framed(_ channel: UInt8, _ packet: [UInt8]) -> [UInt8] {
    [0x24, channel, UInt8(packet.count >> 8), UInt8(packet.count & 255)] + packet
  }

  private func frames(_ list: [(channel: UInt8, packet: [UInt8])]) -> RTPFrames {
    var frames = RTPFrames()
    for entry in list { entry.packet.withUnsafeBytes { _ = frames.append($0, channel: entry.channel) } }
    return frames
  }

  @Test("a walk meets each frame once, with its place, channel, track and sequence number")
  func walk() {
    let all = frames([(0, packet(7, [1])), (2, []), (5, [9, 9]), (0, packet(65_535))])
    #expect(Array(buffer: all.bytes) == framed(0, packet(7, [1])) + framed(2, []) + framed(5, [9, 9]) + framed(0, packet(65_535)))
    var met: [[Int]] = []
    all.walk { met.append([$0.offset, Int($0.channel), $0.track, $0.packet.count, $0.length, $0.sequenceNumber.map(Int.init) ?? -1]) }
    #expect(met == [[0, 0, 0, 13, 17, 7], [17, 2, 1, 0, 4, -1], [21, 5, 2, 2, 6, -1], [27, 0, 0, 12, 16, 65_535]])
    #expect(all.packetCount == 4 && all.length == 43 && !all.isEmpty)
    all.bytes.withUnsafeReadableBytes { bytes in
      for frame in RTPFrameWalk(bytes) { #expect(Array(bytes[frame.packetRange]) == Array(frame.packet)) }
    }
  }

  @Test("a walk counts from the reader index, whatever lies before it")
  func readerIndex() {
    var buffer = ByteBuffer(bytes: [1, 2, 3] + framed(4, packet(1)))
    buffer.moveReaderIndex(forwardBy: 3)
    var offsets: [Int] = []
    RTPFrames(buffer).walk { offsets.append($0.offset) }
    #expect(offsets == [0])
    #expect(RTPFrames(buffer).place(sequenceNumber: 0, channel: 4) == 0)
  }

  @Test("a walk ends at a cut frame and at other bytes, and says at which", arguments: 0..<21)
  func ends(length: Int) {
    let bytes = Array((framed(0, [1]) + framed(1, packet(2)) + [0x52]).prefix(length))
    bytes.withUnsafeBytes { raw in
      var walk = RTPFrameWalk(raw)
      var count = 0
      while walk.next() != nil { count += 1 }
      #expect(count == (length < 5 ? 0 : 1))
      #expect(walk.position == (length < 5 ? 0 : 5))
      #expect(walk.end == .incomplete)
      #expect(walk.next() == nil)
    }
  }

  @Test("text after a frame is other bytes")
  func text() {
    (framed(0, [1]) + Array("RTSP/1.0".utf8)).withUnsafeBytes { raw in
      var walk = RTPFrameWalk(raw)
      #expect(walk.next()?.packet.first == 1)
      #expect(walk.next() == nil)
      #expect(walk.position == 5 && walk.end == .otherBytes)
    }
  }

  @Test("a packet longer than a frame can say is refused")
  func tooLong() {
    var frames = RTPFrames()
    #expect(![UInt8](repeating: 0, count: 65_536).withUnsafeBytes { frames.append($0, channel: 0) })
    #expect(frames.isEmpty)
    #expect([UInt8](repeating: 0, count: 65_535).withUnsafeBytes { frames.append($0, channel: 0) })
    #expect(frames.packetCount == 1 && frames.length == 65_539)
    #expect(![UInt8](repeating: 0, count: 65_536).withUnsafeBytes { frames.insert($0, channel: 0, at: 0) })
    #expect(frames.packetCount == 1)
  }

  @Test("a reader of some tracks gets their frames on its own channels")
  func rewritten() {
    let all = frames([(0, [1]), (2, [2]), (0, [3]), (8, [4])])
    #expect(all.rewritten(channels: [nil, 10]) == frames([(10, [2])]))
    #expect(all.rewritten(channels: [4, nil]) == frames([(4, [1]), (4, [3])]))
    #expect(all.rewritten(channels: []).isEmpty)
  }

  @Test("frames come off the front whole")
  func first() {
    var all = frames([(0, [1]), (0, [2]), (0, [3])])
    #expect(all.removeFirst(0).isEmpty)
    #expect(all.removeFirst(-1).isEmpty)
    #expect(all.removeFirst(2) == frames([(0, [1]), (0, [2])]))
    #expect(all.removeFirst(2) == frames([(0, [3])]))
    #expect(all.isEmpty)
    var broken = RTPFrames(ByteBuffer(bytes: [1, 2, 3]))
    #expect(Array(buffer: broken.removeFirst(1).bytes) == [1, 2, 3])
    #expect(broken.isEmpty)
  }

  @Test("a late packet takes its place within its channel, over the wrap of sequence numbers")
  func order() {
    var all = frames([(0, packet(65_534)), (2, packet(7)), (0, packet(1)), (0, packet(2))])
    let place = all.place(sequenceNumber: 65_535, channel: 0)
    #expect(place == 32)
    packet(65_535).withUnsafeBytes { _ = all.insert($0, channel: 0, at: place) }
    #expect(all == frames([(0, packet(65_534)), (2, packet(7)), (0, packet(65_535)), (0, packet(1)), (0, packet(2))]))
    #expect(all.place(sequenceNumber: 3, channel: 0) == all.length)
    #expect(all.place(sequenceNumber: 0, channel: 4) == all.length)
    #expect(RTPFrames().place(sequenceNumber: 3, channel: 0) == 0)
  }

  @Test("a place outside the run changes nothing")
  func placeOutside() {
    var all = frames([(0, [1])])
    #expect(![2].withUnsafeBytes { all.insert($0, channel: 0, at: -1) })
    #expect(![2].withUnsafeBytes { all.insert($0, channel: 0, at: 6) })
    #expect(all == frames([(0, [1])]))
    #expect([UInt8(2)].withUnsafeBytes { all.insert($0, channel: 0, at: 5) })
    #expect(all == frames([(0, [1]), (0, [2])]))
  }

  @Test("bytes of any kind are walked without a trap, and what was walked is what lies before the walk's end")
  func mutants() {
    var mutator = Mutator(seed: 10)
    let sample = Array(buffer: frames((0..<20).map { (UInt8($0 % 4), packet(UInt16($0), [UInt8](repeating: 1, count: $0))) }).bytes)
    for round in 0..<4_000 {
      var all = RTPFrames(ByteBuffer(bytes: mutator.mutate(sample, with: sample)))
      var walked = RTPFrames()
      all.walk { walked.append($0.packet, channel: $0.channel) }
      #expect(Array(buffer: all.bytes).starts(with: Array(buffer: walked.bytes)))
      #expect(all.rewritten(channels: [0, 2]).length <= all.length)
      let place = all.place(sequenceNumber: UInt16(round), channel: 0)
      #expect(place <= all.length)
      let length = all.length
      packet(UInt16(round)).withUnsafeBytes { _ = all.insert($0, channel: 0, at: place) }
      #expect(all.length == length + 16)
      let first = all.removeFirst(3)
      #expect(first.length + all.length == length + 16)
      #expect(first.packetCount <= 3)
    }
  }
}

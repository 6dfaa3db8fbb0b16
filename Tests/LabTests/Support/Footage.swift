import FirstFrameTesting

/// What a field camera films: which packets make which frame. The same seed films the same.
struct Footage: Sendable {
  struct Frame: Sendable, Hashable {
    /// Number of its first packet, and how many it has.
    var first: Int
    var count: Int
    var isKey: Bool
    var timestamp: UInt32
  }

  static let clockRate: Int64 = 90_000

  let frameRate: Int64
  let frames: [Frame]
  let firstSequence: UInt16
  var packets: Int { frames.last.map { $0.first + $0.count } ?? 0 }
  var frameNanoseconds: Int64 { 1_000_000_000 / frameRate }

  init(seed: UInt64, frameRate: Int64, frames count: Int, gop: Int) {
    self.frameRate = frameRate
    var random = Mutator(seed: seed &+ 0xCA3E)
    firstSequence = UInt16.random(in: 60_000...65_535, using: &random)
    var timestamp = UInt32.random(in: .min ... .max, using: &random)
    var next = 0
    var made: [Frame] = []
    for index in 0..<count {
      let isKey = index % gop == 0
      let packets = Int.random(in: isKey ? 8...20 : 1...5, using: &random)
      made.append(Frame(first: next, count: packets, isKey: isKey, timestamp: timestamp))
      next += packets
      timestamp &+= UInt32(Footage.clockRate / frameRate)
    }
    frames = made
  }

  /// The RTP packet that carries one slice of a frame: parameter sets come by SDP.
  func packet(_ index: Int, of frame: Frame) -> [UInt8] {
    let sequence = firstSequence &+ UInt16(truncatingIfNeeded: frame.first + index)
    let marker: UInt8 = index == frame.count - 1 ? 0x80 : 0
    var bytes: [UInt8] = [0x80, 96 | marker, UInt8(sequence >> 8), UInt8(sequence & 255)]
    withUnsafeBytes(of: frame.timestamp.bigEndian) { bytes += $0 }
    bytes += [0, 0, 4, 210]
    // first_mb_in_slice: 0 is one bit, else it is not the first slice.
    bytes += [frame.isKey ? 0x65 : 0x61, index == 0 ? 0x88 : 0x44]
    return bytes + [UInt8](repeating: UInt8(truncatingIfNeeded: frame.first + index), count: 200 + (frame.first + index) % 7 * 100)
  }

  /// H.264 baseline parameter sets of a 320×180 picture.
  var description: String {
    "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=lab\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
      + "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\n"
      + "a=framerate:\(frameRate)\r\na=control:trackID=0\r\n"
  }
}

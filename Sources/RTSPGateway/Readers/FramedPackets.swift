internal import NIOCore
internal import Wire

/// Walks RTP packets framed for interleaving, as the hub delivers them: channel = 2 × track, back to back.
enum FramedPackets {
  /// Calls `body(track, offset of the frame, length of the packet)` for each whole frame; stops at the first that is none.
  @inline(__always)
  static func forEach(_ bytes: UnsafeRawBufferPointer, _ body: (Int, Int, Int) -> Void) {
    var at = 0
    while case .frame(let channel, let length) = InterleavedFraming.find(at: at, in: bytes) {
      body(Int(channel >> 1), at, length)
      at &+= InterleavedFraming.headerLength &+ length
    }
  }

  /// The frames of the tracks that `channels` names, each on the channel it names there.
  static func rewritten(_ framed: ByteBuffer, channels: [UInt8?]) -> ByteBuffer {
    var out = ByteBufferAllocator().buffer(capacity: framed.readableBytes)
    framed.withUnsafeReadableBytes { bytes in
      forEach(bytes) { track, at, length in
        guard track < channels.count, let channel = channels[track] else { return }
        let start = out.writerIndex
        out.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[at..<at &+ InterleavedFraming.headerLength &+ length]))
        out.setInteger(channel, at: start &+ 1)
      }
    }
    return out
  }

  /// Takes the first frames off the front, `count` at most.
  static func takeFirst(_ count: Int, of framed: inout ByteBuffer) -> ByteBuffer {
    var frames = 0
    let length = framed.withUnsafeReadableBytes { bytes in
      var at = 0
      while frames < count, case .frame(_, let length) = InterleavedFraming.find(at: at, in: bytes) {
        at &+= InterleavedFraming.headerLength &+ length
        frames &+= 1
      }
      return at
    }
    guard length > 0, let taken = framed.readSlice(length: length) else {
      defer { framed.clear() }
      return framed
    }
    return taken
  }
}

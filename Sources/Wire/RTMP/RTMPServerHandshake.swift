public import Model
public import NIOCore

/// The server's side of the handshake (RTMP 1.0 §5.2): C0 C1 in, S0 S1 S2 out, C2 in.
///
/// S1's version bytes are zero and S2 echoes C1, so clients that would like the digest handshake fall back to the simple one (they look at
/// S1's version). C2 is not looked at: encoders that send rubbish in it stream all the same.
public struct RTMPServerHandshake: Sendable {
  static let size = 1536

  private enum Step: Sendable { case hello, echo, done }
  private var step = Step.hello
  private var pending = ByteBuffer()
  private let random: [UInt8]

  /// - Parameter random: what S1 carries; any bytes, cut or repeated to 1528.
  public init(random: [UInt8] = []) { self.random = random }

  /// Whether chunks follow.
  public var isDone: Bool { step == .done }

  /// Takes bytes; what is to be answered goes into `reply`. Once ``isDone``, `input` holds what followed the handshake.
  /// Throws ``Fault`` `rtmpMalformed` when the client does not speak RTMP 3.
  public mutating func receive(_ input: inout ByteBuffer, reply: inout ByteBuffer) throws(Fault) {
    pending.writeBuffer(&input)
    if step == .hello {
      if let version = pending.getInteger(at: pending.readerIndex, as: UInt8.self), version != 3 {
        throw Fault(.rtmpMalformed, "handshake version \(version)")
      }
      guard pending.readableBytes > RTMPServerHandshake.size else { return }
      pending.moveReaderIndex(forwardBy: 1)
      guard let c1 = pending.readSlice(length: RTMPServerHandshake.size) else { return }
      answer(c1, into: &reply)
      step = .echo
    }
    if step == .echo {
      guard pending.readableBytes >= RTMPServerHandshake.size else { return }
      pending.moveReaderIndex(forwardBy: RTMPServerHandshake.size)
      step = .done
      input = pending
      pending = ByteBuffer()
    }
  }

  private func answer(_ c1: ByteBuffer, into reply: inout ByteBuffer) {
    reply.writeInteger(UInt8(3))
    reply.writeRTMPHello(random: random)
    reply.writeImmutableBuffer(c1)
  }
}

extension ByteBuffer {
  /// C1 or S1: time 0, version 0, then 1528 bytes.
  mutating func writeRTMPHello(random: [UInt8]) {
    writeInteger(UInt64(0))
    var left = RTMPServerHandshake.size - 8
    while left > 0, !random.isEmpty {
      let piece = random.prefix(left)
      writeBytes(piece)
      left -= piece.count
    }
    writeRepeatingByte(0x46, count: left)
  }
}

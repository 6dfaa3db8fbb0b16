public import Model
public import NIOCore

/// The client's side of the simple handshake (RTMP 1.0 §5.2).
public struct RTMPClientHandshake: Sendable {
  private var pending = ByteBuffer()
  private let random: [UInt8]
  /// Whether `connect` may follow.
  public private(set) var isDone = false

  /// - Parameter random: for C1, 1528 bytes; zeros stand in for what is missing.
  public init(random: [UInt8] = []) { self.random = random }

  /// C0 and C1, to be sent first.
  public func hello() -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(UInt8(3))
    buffer.writeRTMPHello(random: random)
    return buffer
  }

  /// Takes bytes; C2 goes into `reply` once S0 S1 S2 are whole. Then `input` holds what followed.
  public mutating func receive(_ input: inout ByteBuffer, reply: inout ByteBuffer) throws(Fault) {
    pending.writeBuffer(&input)
    if let version = pending.getInteger(at: pending.readerIndex, as: UInt8.self), version != 3 {
      throw Fault(.rtmpMalformed, "handshake version \(version)")
    }
    guard !isDone, pending.readableBytes >= 1 + 2 * RTMPServerHandshake.size else { return }
    pending.moveReaderIndex(forwardBy: 1)
    guard let s1 = pending.readSlice(length: RTMPServerHandshake.size) else { return }
    pending.moveReaderIndex(forwardBy: RTMPServerHandshake.size)
    reply.writeImmutableBuffer(s1)
    isDone = true
    input = pending
    pending = ByteBuffer()
  }
}

internal import NIOCore

/// Cuts a byte stream into frames. Pure; trap-free on any bytes.
struct WorkerFrameReader {
  enum Refused: Error, Equatable {
    case tooLong(Int)
    case unknownKind(UInt8)
  }

  private var held = ByteBuffer()

  mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    held.discardReadBytes()
    held.writeBytes(bytes)
  }

  /// The next whole frame; nil when more bytes are needed.
  mutating func next() throws(Refused) -> WorkerFrame? {
    guard let length = held.getInteger(at: held.readerIndex, as: UInt32.self), let raw = held.getInteger(at: held.readerIndex + 4, as: UInt8.self)
    else { return nil }
    guard Int(length) <= WorkerFrame.longestPayload else { throw .tooLong(Int(length)) }
    guard let kind = WorkerFrame.Kind(rawValue: raw) else { throw .unknownKind(raw) }
    guard held.readableBytes >= 5 + Int(length) else { return nil }
    held.moveReaderIndex(forwardBy: 5)
    guard let payload = held.readSlice(length: Int(length)) else { return nil }
    return WorkerFrame(kind, payload)
  }
}

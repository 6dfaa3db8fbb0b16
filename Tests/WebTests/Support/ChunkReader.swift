import NIOCore

/// Takes the chunks out of an answer as it arrives, in whatever pieces (RFC 9112, section 7.1).
struct ChunkReader {
  private var held = ByteBuffer()
  private var isPastHead = false

  /// The text of the chunks that are complete now.
  mutating func read(_ buffer: ByteBuffer) -> String {
    held.writeImmutableBuffer(buffer)
    if !isPastHead {
      guard let end = position(of: "\r\n\r\n") else { return "" }
      held.moveReaderIndex(forwardBy: end + 4)
      isPastHead = true
    }
    var text = ""
    while let line = position(of: "\r\n"), let digits = held.getString(at: held.readerIndex, length: line),
      let size = Int(digits, radix: 16), held.readableBytes >= line + 2 + size + 2
    {
      held.moveReaderIndex(forwardBy: line + 2)
      text += held.readString(length: size) ?? ""
      held.moveReaderIndex(forwardBy: 2)
    }
    return text
  }

  /// How far ahead a mark stands.
  private func position(of mark: String) -> Int? {
    let (bytes, sought) = (held.readableBytesView, Array(mark.utf8))
    return bytes.indices.first { bytes[$0...].starts(with: sought) }.map { $0 - bytes.startIndex }
  }
}

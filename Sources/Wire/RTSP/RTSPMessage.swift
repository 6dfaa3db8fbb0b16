internal import NIOCore

/// What requests and responses have in common on the wire.
enum RTSPMessage {
  /// Line breaks inside a value would begin a field of their own, so they are written as spaces.
  static func write(_ startLine: String, _ headers: RTSPHeaders, _ body: [UInt8], into buffer: inout ByteBuffer) {
    var text = oneLine(startLine) + "\r\n"
    for field in headers.fields where !RTSPHeaders.equal(field.name, "Content-Length") {
      text += oneLine(field.name) + ": " + oneLine(field.value) + "\r\n"
    }
    if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
    buffer.writeString(text + "\r\n")
    buffer.writeBytes(body)
  }

  private static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 13 || $0 == 10 }) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\r" || $0 == "\n" ? " " : $0 }))
  }
}

/// Without spaces, tabs and line breaks at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  let bytes = Substring(text).utf8
  guard let first = bytes.firstIndex(where: { !isSpace($0) }) else { return "" }
  var end = bytes.endIndex
  while end > first, isSpace(bytes[bytes.index(before: end)]) { end = bytes.index(before: end) }
  return String(text[first..<end])
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 || byte == 10 }

internal import NIOCore

/// Start line and header fields of one message, of either kind.
struct RTSPHeaderBlock {
  private var startLine: String
  private var headers = RTSPHeaders()
  /// What was read though it is not as RFC 2326 has it.
  private var repairs: RTSPRepairs = []

  init(_ bytes: ByteBuffer) throws(RTSPDecodingError) {
    let lines = bytes.readableBytesView.split(separator: 10).compactMap { line -> String? in
      let bare = line.last == 13 ? line.dropLast() : line
      // Devices send host names and titles in GB 2312; broken UTF-8 is repaired, never refused.
      return bare.isEmpty ? nil : String(decoding: bare, as: UTF8.self)
    }
    guard lines.count <= RTSPDecoder.maximumLines else { throw .tooManyLines }
    guard let first = lines.first else { throw .startLineMalformed("") }
    startLine = first
    for line in lines.dropFirst() { add(line) }
  }

  /// A line that is no field is left out: it says nothing that could be lost, and what stands around it is as good as without it.
  private mutating func add(_ line: String) {
    if line.utf8.first == 32 || line.utf8.first == 9 {
      if headers.fields.isEmpty { repairs.insert(.headerLine) } else { headers.extendLast(trimmed(line)) }
      return
    }
    let colon = line.utf8.firstIndex(of: 58)
    let name = trimmed(line[..<(colon ?? line.startIndex)])
    guard let colon, !name.isEmpty, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      repairs.insert(.headerLine)
      return
    }
    headers.add(name, trimmed(line[line.utf8.index(after: colon)...]))
  }

  /// `Content-Length`, 0 when absent; given twice with different values is malformed.
  func bodyLength() throws(RTSPDecodingError) -> Int {
    let given = Set(headers.all("Content-Length")).subtracting([""])
    guard let text = given.first else { return 0 }
    guard given.count == 1, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { throw .contentLengthMalformed }
    guard let length = Int(text), length <= RTSPDecoder.maximumBodyLength else { throw .bodyTooLong(Int(text) ?? .max) }
    return length
  }

  func item(body: [UInt8]) throws(RTSPDecodingError) -> RTSPDecoder.Item {
    let words = startLine.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard let first = words.first, let last = words.last, words.count >= 2 else { throw .startLineMalformed(clipped(startLine)) }
    if isVersion(first) { return .response(try response(words, body)) }
    guard isVersion(last) else { throw .startLineMalformed(clipped(startLine)) }
    guard RTSPHeaders.equal(last, "RTSP/1.0") else { throw .versionNotSupported(clipped(String(last))) }
    guard words.count >= 3, first.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw .startLineMalformed(clipped(startLine)) }
    // Some cameras leave spaces in the address; all words between method and version are it.
    let uri = words.dropFirst().dropLast().joined(separator: " ")
    var request = RTSPRequest(RTSPMethod(String(first)), uri, headers: headers, body: body)
    request.repairs = repairs
    if request.method.description != first { request.repairs.insert(.methodCase) }
    return .request(request)
  }

  private func response(_ words: [Substring], _ body: [UInt8]) throws(RTSPDecodingError) -> RTSPResponse {
    guard let version = words.first, RTSPHeaders.equal(version, "RTSP/1.0") else {
      throw .versionNotSupported(clipped(String(words.first ?? "")))
    }
    guard words.count >= 2, words[1].utf8.count == 3, let code = Int(words[1]), (100...599).contains(code) else {
      throw .startLineMalformed(clipped(startLine))
    }
    var response = RTSPResponse(RTSPStatus(code), reason: words.dropFirst(2).joined(separator: " "), headers: headers, body: body)
    response.repairs = repairs
    return response
  }

  private func isVersion(_ word: Substring) -> Bool { RTSPHeaders.equal(word.prefix(5), "RTSP/") }

  private func clipped(_ text: String) -> String { String(text.unicodeScalars.prefix(80).map { $0.value < 32 ? "?" : Character($0) }) }
}

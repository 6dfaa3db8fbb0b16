import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("RTSP messages")
struct RTSPDecoderTests {
  private func decode(_ text: String, piece: Int = 65_536) throws(RTSPDecodingError) -> [RTSPDecoder.Item] {
    try RTSPCorpus.items(Array(text.utf8), piece: piece)
  }

  @Test("a recorded session reads the same in one piece and byte by byte", arguments: RTSPCorpus.names("rtsp"))
  func pieces(name: String) throws {
    let bytes = Array(try RTSPCorpus.bytes("rtsp", name).prefix(5000))
    let whole = try RTSPCorpus.items(bytes, piece: bytes.count)
    #expect(whole.count >= 1)
    for piece in [1, 7, 1448] { #expect(try RTSPCorpus.items(bytes, piece: piece) == whole) }
  }

  @Test("ffmpeg's publishing is OPTIONS, ANNOUNCE with its SDP, SETUP for each track, RECORD, then frames on even channels")
  func ffmpeg() throws {
    let items = try RTSPCorpus.items(RTSPCorpus.bytes("rtsp", "ffmpeg-h264-aac-tcp.bytes"), piece: 1448)
    let requests = items.compactMap { if case .request(let request) = $0 { request } else { nil } }
    #expect(requests.prefix(5).map(\.method) == [.options, .announce, .setup, .setup, .record])
    #expect(requests.prefix(5).map(\.cseq) == [1, 2, 3, 4, 5])
    #expect(requests[1].body == (try RTSPCorpus.bytes("sdp", "ffmpeg-h264-aac-tcp.sdp")))
    #expect(requests[1].headers["content-TYPE"] == "application/sdp")
    let channels = items.compactMap { if case .interleaved(let channel, _) = $0 { channel } else { nil } }
    #expect(Set(channels).isSubset(of: [0, 1, 2, 3]))
    #expect(channels.count > 10)
  }

  @Test("another server's responses are read, its phrase and session kept")
  func responses() throws {
    let items = try RTSPCorpus.items(RTSPCorpus.bytes("rtsp", "ffmpeg-listener-responses.bytes"), piece: 10)
    let responses = items.compactMap { if case .response(let response) = $0 { response } else { nil } }
    #expect(responses.count == 4)
    #expect(responses.map(\.cseq) == [1, 2, 3, 4])
    #expect(responses.allSatisfy { $0.status == .ok && $0.reason == "OK" })
    #expect(responses[2].headers["Session"].flatMap(RTSPSessionHeader.init)?.timeoutSeconds == nil)
    #expect(RTSPTransport.parse(responses[2].headers["Transport"] ?? "").first?.mode == .record)
  }

  @Test("what is written is read back, line breaks in values cannot make fields, and Content-Length follows the body")
  func roundTrip() throws {
    var request = RTSPRequest(
      .setParameter, "rtsp://h/live/机位", headers: ["CSeq": "9", "X": "a\r\nInjected: 1"], body: Array("position".utf8))
    request.headers.add("Content-Length", "9999")
    var buffer = ByteBuffer()
    request.write(into: &buffer)
    RTSPResponse(.sessionNotFound, headers: ["CSeq": "9"]).write(into: &buffer)
    let items = try RTSPCorpus.items(Array(buffer.readableBytesView), piece: 3)
    guard items.count == 2, case .request(let read) = items[0], case .response(let response) = items[1] else {
      Issue.record("\(items)")
      return
    }
    #expect(read.uri == request.uri)
    #expect(read.body == request.body)
    #expect(read.headers["Injected"] == nil)
    #expect(read.headers["X"] == "a  Injected: 1")
    #expect(read.headers.all("content-length") == ["8"])
    #expect(response.status == .sessionNotFound)
    #expect(response.reason == "Session Not Found")
  }

  @Test("LF alone, empty lines before a message, folded fields, spaces around names and values, an address with a space")
  func tolerance() throws {
    let items = try decode(
      "\r\n\n\r\nOPTIONS rtsp://h/a b RTSP/1.0\nCSeq :  4 \nX: one\n\t two\n\nPLAY * rtsp/1.0\r\nCSeq: 5\r\n\r\n", piece: 1)
    guard items.count == 2, case .request(let first) = items[0], case .request(let second) = items[1] else {
      Issue.record("\(items)")
      return
    }
    #expect(first.uri == "rtsp://h/a b")
    #expect(first.cseq == 4)
    #expect(first.headers["x"] == "one two")
    #expect(second.method == .play)
    #expect(second.uri == "*")
    #expect(second.cseq == 5)
  }

  @Test("lines without a name or a colon are left out, methods may be small, an empty Content-Length is none; each is told")
  func repairs() throws {
    let items = try decode(
      "describe rtsp://h/x RTSP/1.0\r\n folded first\r\n: no-cache\r\nno colon\r\nSéance: 1\r\nCSeq: 7\r\nContent-Length:\r\n\r\n"
        + "RTSP/1.0 200 OK\r\n:\r\ncseq:8\r\nSESSION :  12 ; Timeout = 30\r\n\r\n" + "Get_Parameter * RTSP/1.0\r\nCSeq: 9\r\n\r\n"
        + "OPTIONS * RTSP/1.0\r\nCSeq: 10\r\n\r\n")
    guard items.count == 4, case .request(let first) = items[0], case .response(let second) = items[1], case .request(let third) = items[2],
      case .request(let last) = items[3]
    else {
      Issue.record("\(items)")
      return
    }
    #expect(first.method == .describe && first.cseq == 7)
    #expect(first.headers.fields.map(\.name) == ["CSeq", "Content-Length"])
    #expect(first.repairs == [.headerLine, .methodCase])
    #expect(second.cseq == 8 && second.repairs == .headerLine)
    #expect(second.headers["Session"].flatMap(RTSPSessionHeader.init) == RTSPSessionHeader(id: "12", timeoutSeconds: 30))
    #expect(third.method == .getParameter && third.repairs == .methodCase)
    #expect(last.repairs.isEmpty)
    #expect(first.repairs.named.map(\.name) == ["headerLine", "methodCase"])
    // What we write is by the rules again.
    var written = ByteBuffer()
    first.write(into: &written)
    #expect(String(buffer: written) == "DESCRIBE rtsp://h/x RTSP/1.0\r\nCSeq: 7\r\n\r\n")
  }

  @Test("fields keep their order, names compare in any case, setting replaces every one of a name")
  func headers() {
    var headers: RTSPHeaders = ["CSeq": "1", "WWW-Authenticate": "a", "www-authenticate": "b", "Session": "x"]
    #expect(headers.all("Www-Authenticate") == ["a", "b"])
    headers["WWW-AUTHENTICATE"] = "c"
    #expect(headers.fields.map(\.name) == ["CSeq", "WWW-AUTHENTICATE", "Session"])
    headers["session"] = nil
    #expect(headers.fields.count == 2)
  }

  @Test(
    "what breaks a rule is refused with its own error and status",
    arguments: [
      ("GARBAGE\r\n\r\n", RTSPDecodingError.startLineMalformed("GARBAGE"), 400),
      ("GET / HTTP/1.1\r\n\r\n", .startLineMalformed("GET / HTTP/1.1"), 400),
      ("OPTIONS * RTSP/2.0\r\n\r\n", .versionNotSupported("RTSP/2.0"), 505),
      ("OPTIONS RTSP/1.0\r\n\r\n", .startLineMalformed("OPTIONS RTSP/1.0"), 400),
      ("RTSP/1.0 20 OK\r\n\r\n", .startLineMalformed("RTSP/1.0 20 OK"), 400),
      ("RTSP/1.0 +20 OK\r\n\r\n", .startLineMalformed("RTSP/1.0 +20 OK"), 400),
      ("OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", .contentLengthMalformed, 400),
      ("OPTIONS * RTSP/1.0\r\nContent-Length: 1\r\nContent-length: 2\r\n\r\n", .contentLengthMalformed, 400),
      ("OPTIONS * RTSP/1.0\r\nContent-Length: 65537\r\n\r\n", .bodyTooLong(65_537), 413),
      ("OPTIONS * RTSP/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", .bodyTooLong(.max), 413),
    ])
  func malformed(text: String, error: RTSPDecodingError, status: Int) {
    #expect(throws: error) { try decode(text) }
    #expect(error.status.code == status)
    #expect(error.fault.code == .rtspMalformed)
  }

  @Test("a header that never ends is refused at 16 KiB, and too many lines at 128; just below both is fine")
  func limits() throws {
    #expect(throws: RTSPDecodingError.headerTooLong) { try decode(String(repeating: "A", count: 16_385), piece: 100) }
    #expect(throws: RTSPDecodingError.headerTooLong) {
      try decode("OPTIONS * RTSP/1.0\r\nX: " + String(repeating: "a", count: 17_000) + "\r\n\r\n")
    }
    #expect(throws: RTSPDecodingError.tooManyLines) {
      try decode("OPTIONS * RTSP/1.0\r\n" + String(repeating: "X: 1\r\n", count: 128) + "\r\n")
    }
    let fits =
      "OPTIONS * RTSP/1.0\r\n" + String(repeating: "X: 1\r\n", count: 126) + "Y: " + String(repeating: "a", count: 15_000) + "\r\n\r\n"
    #expect(try decode(fits).count == 1)
    let body = "ANNOUNCE * RTSP/1.0\r\nContent-Length: 65536\r\n\r\n" + String(repeating: "b", count: 65_536)
    #expect(try decode(body, piece: 1000).count == 1)
  }

  @Test("a frame is pointed at as soon as its four bytes are there, and nothing of it is taken")
  func interleaved() throws {
    var decoder = RTSPDecoder()
    var buffer = ByteBuffer(bytes: [0x24, 2, 0x01])
    #expect(try decoder.next(&buffer) == nil)
    buffer.writeBytes([0x00, 9, 9])
    #expect(try decoder.next(&buffer) == .interleaved(channel: 2, length: 256))
    #expect(buffer.readableBytes == 6)
  }

  @Test("3000 mutants of real sessions in random pieces: no trap; readers stop at the first error and never read ahead")
  func fuzz() throws {
    let samples = try RTSPCorpus.names("rtsp").map { Array(try RTSPCorpus.bytes("rtsp", $0).prefix(1800)) }
    var mutator = Mutator(seed: 23)
    var items = 0
    var errors = 0
    for round in 0..<3000 {
      let mutant = mutator.mutate(samples[round % samples.count], with: samples[(round + 3) % samples.count])
      do { items += try RTSPCorpus.items(mutant, piece: Int.random(in: 1...2000, using: &mutator)).count } catch { errors += 1 }
    }
    #expect(items > 3000)
    #expect(errors > 200)
  }
}

import FirstFrameTesting
import Foundation

/// Malformed inputs for each TCP face: mutants of real captures, and openings written by hand. The same on every machine.
struct HostileInputs {
  private let corpus: HostileCorpus
  private var mutator: Mutator

  init(_ corpus: HostileCorpus, seed: UInt64) {
    self.corpus = corpus
    mutator = Mutator(seed: seed)
  }

  private static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  // MARK: RTSP

  mutating func rtsp() -> [[UInt8]] {
    let openings = HostileInputs.bytes([
      "", "\r\n\r\n\r\n", "$", "$\u{0}\u{7f}\u{7f}", "OPTIONS", "OPTIONS * RTSP/1.0\r\n\r\n", "OPTIONS * RTSP/9.9\r\nCSeq: 1\r\n\r\n",
      "OPTIONS * RTSP/1.0\r\nCSeq: 99999999999999999999\r\n\r\n", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "ANNOUNCE rtsp://h/live/x RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n",
      "ANNOUNCE rtsp://h/live/x RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 18446744073709551616\r\n\r\n",
      "ANNOUNCE rtsp://h/live/x RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 4294967295\r\n\r\nv=0",
      "SETUP rtsp://h/live/x RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=255-256\r\n\r\n",
      "SETUP rtsp://h/live/x RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;client_port=70000-1\r\n\r\n", "RECORD * RTSP/1.0\r\nCSeq: 1\r\n\r\n",
      "TEARDOWN rtsp://h/live/healthy RTSP/1.0\r\nCSeq: 1\r\nSession: 1\r\n\r\n",
      "DESCRIBE rtsp://h/../../etc/passwd RTSP/1.0\r\nCSeq: 1\r\n\r\n", "DESCRIBE rtsp://h/%00%ff%zz RTSP/1.0\r\nCSeq: 1\r\n\r\n",
      "OPTIONS * RTSP/1.0\r\n" + String(repeating: "X: y\r\n", count: 20_000), "OPTIONS " + String(repeating: "a", count: 200_000),
      "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Digest " + String(repeating: "a=\"", count: 5000) + "\r\n\r\n",
      String(repeating: "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", count: 2000),
    ])
    return openings + mutator.mutants(300, of: corpus.rtsp) + mutator.mutants(200, of: corpus.sdp).enumerated().map(announcement)
      + mutator.mutants(50, of: openings.filter { $0.count < 1000 })
  }

  /// An ANNOUNCE whose framing is right: the mutant reaches the SDP parser.
  private func announcement(_ index: Int, _ sdp: [UInt8]) -> [UInt8] {
    let head =
      "ANNOUNCE rtsp://127.0.0.1/live/sdp\(index) RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: \(sdp.count)\r\n\r\n"
    return Array(head.utf8) + sdp
  }

  /// Mutants of what devices announce, for whole conversations.
  mutating func descriptions(_ count: Int) -> [[UInt8]] { mutator.mutants(count, of: corpus.sdp) }

  /// Mutants of a device's packets: of ten, seven RTP and three RTCP.
  mutating func packets(_ count: Int, of device: HostileCorpus.Device) -> [(isReport: Bool, bytes: [UInt8])] {
    (0..<count).map { index in
      let isReport = index % 10 >= 7
      let samples = isReport ? device.rtcp : device.rtp
      return (isReport, mutator.mutants(1, of: [samples[index % samples.count], samples[0]]).first ?? [])
    }
  }

  mutating func mutant(of bytes: [UInt8]) -> [UInt8] { mutator.mutate(bytes) }

  // MARK: RTMP

  /// C0, C1 and C2 of the handshake.
  private static let handshake = 1 + 2 * 1536

  mutating func rtmp() -> [[UInt8]] {
    let start: [UInt8] = [3] + [UInt8](repeating: 0, count: HostileInputs.handshake - 1)
    let messages: [[UInt8]] = [
      // Set chunk size 0, 2³¹, 1; a message of 2²⁴−1 bytes; abort of a stream never begun; acknowledgement of nothing; an aggregate with a lying size.
      [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0x80, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 9, 8, 1, 0, 0, 0, 1, 2, 3],
      [4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 9, 1, 0, 0, 0, 1],
      [2, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0, 63], [2, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 7],
      [4, 0, 0, 0, 0, 0, 12, 22, 1, 0, 0, 0, 9, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1],
      // A continuation with nothing before it; an extended timestamp cut short; AMF0 that nests, that claims 2³² elements, that ends inside a string.
      [0xC3, 1, 2, 3], [3, 0xFF, 0xFF, 0xFF, 0, 0, 4, 20, 0, 0, 0, 0, 0xFF],
      [3, 0, 0, 0, 0, 0, 100, 20, 0, 0, 0, 0] + [UInt8](repeating: 3, count: 100),
      [3, 0, 0, 0, 0, 0, 9, 20, 0, 0, 0, 0, 10, 255, 255, 255, 255, 2, 0, 1, 65], [3, 0, 0, 0, 0, 0, 5, 20, 0, 0, 0, 0, 2, 255, 255, 65, 66],
    ]
    let elements = [[UInt8]](repeating: [10, 0, 0, 0, 1], count: 13_107).joined()
    let nested: [UInt8] = [3, 0, 0, 0, 0, 0xFF, 0xFF, 20, 0, 0, 0, 0] + elements
    let openings: [[UInt8]] = [
      [], [3], [6], [0xFF], [UInt8](repeating: 0xFF, count: 1536), Array("GET / HTTP/1.1\r\n\r\n".utf8), start, start + nested,
    ]
    let heads = corpus.rtmp.map { Array($0.prefix(HostileInputs.handshake)) }
    let rests = corpus.rtmp.map { Array($0.dropFirst(HostileInputs.handshake)) }
    var all = openings
    for message in messages { all.append(start + message) }
    for (index, mutant) in mutator.mutants(260, of: rests).enumerated() { all.append(heads[index % heads.count] + mutant) }
    for mutant in mutator.mutants(140, of: messages) { all.append(start + mutant) }
    all += mutator.mutants(120, of: corpus.rtmp)
    return all
  }

  // MARK: Control link

  mutating func control() -> [[UInt8]] {
    let hex = String(repeating: "5a", count: 32)
    let hello =
      "{\"boot\":\"b\",\"challenge\":\"\(hex)\",\"ephemeral\":\"\(hex)\",\"key\":\"\(hex)\",\"node\":\"deqing\",\"type\":\"hello\",\"v\":1}"
    let pair = "{\"key\":\"\(hex)\",\"node\":\"deqing\",\"nonce\":\"\(hex)\",\"proof\":\"\(hex)\",\"type\":\"pair\",\"v\":1}"
    let proof = "{\"signature\":\"\(hex)\(hex)\",\"type\":\"proof\",\"v\":1}"
    let texts = HostileInputs.bytes([hello, pair, proof])
    let deep = HostileInputs.bytes([String(repeating: "[", count: 500_000), String(repeating: "{\"a\":", count: 150_000), "{\"v\":1e999999999}"])
    let openings: [[UInt8]] = [
      [], [0], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0, 0x10, 0, 0, 1], [0, 0x10, 0, 1, 1], [0x7F, 0xFF, 0xFF, 0xFF] + texts[0],
      [UInt8](repeating: 0, count: 40_000), Array("GET / HTTP/1.1\r\n\r\n".utf8), [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3],
    ]
    let framed = (texts + deep + mutator.mutants(330, of: texts)).map(HostileInputs.frame)
    let twice = mutator.mutants(60, of: texts).map { HostileInputs.frame(texts[0]) + HostileInputs.frame($0) }
    return openings + framed + twice + mutator.mutants(120, of: texts.map(HostileInputs.frame))
  }

  private static func frame(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes
  }

  // MARK: HTTP

  mutating func http() -> [[UInt8]] {
    let requests = HostileInputs.bytes([
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /api/v1/streams/live/healthy HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
      "POST /api/v1/incidents HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n",
      "GET /api/v1/facts?after=0&limit=10 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abc\r\nRange: bytes=0-1\r\n\r\n",
    ])
    let openings = HostileInputs.bytes([
      "", "\u{0}", "\r\n", "GET", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "get http://h:99999999/ HTTP/1.1\r\nHost: \r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
      "POST /api/v1/incidents HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST /api/v1/incidents HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST /api/v1/incidents HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}",
      "POST /api/v1/incidents HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
      "GET /" + String(repeating: "a/", count: 60_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 30_000),
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "z", count: 300_000),
      String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 500),
    ])
    let fields = "\"devices\":[\"nobody\"],\"external\":\"a-1\",\"receivedAt\":\"2026-01-01T00:00:00Z\",\"title\":\"\u{706b}\u{707e}\""
    let bodies = mutator.mutants(200, of: HostileInputs.bytes(["{\(fields)}", "{\"device\":\"nobody\",\"text\":\"x\",\"atNs\":-1}"]))
    let deep = HostileInputs.bytes([
      String(repeating: "[", count: 250_000), String(repeating: "{\"a\":", count: 50_000), String(repeating: "9", count: 200_000), "\"\\ud800\"",
    ])
    let routes = ["/api/v1/incidents", "/api/v1/incidents/x/close", "/api/v1/incidents/%00/steps"]
    let posts = (bodies + deep).enumerated().map { index, body in HostileInputs.post(routes[index % routes.count], body) }
    return openings + requests + posts + paths() + mutator.mutants(200, of: requests)
  }

  private static func post(_ path: String, _ body: [UInt8]) -> [UInt8] {
    Array("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  /// Paths beyond their folders, beyond their encoding, and mutants of them.
  private mutating func paths() -> [[UInt8]] {
    let seeds = HostileInputs.bytes([
      "/assets/../../../../etc/passwd", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/api/v1/snapshots/..%2f..%2fnode.key", "/api/v1/receipts/%00.json",
      "/api/v1/reports/....//....//x", "/api/v1/archive/live/%ff%fe", "/api/v1/streams/" + String(repeating: "x", count: 5000),
      "/api/v1/streams/live%2fhealthy",
      "/api/v1/incidents/" + String(repeating: "%25", count: 500), "/api/v1/facts?after=-9223372036854775809&limit=-1", "//////",
      "/api/v1/streams/live/../../x",
    ])
    let head = Array("GET ".utf8)
    let tail = Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    return (seeds + mutator.mutants(180, of: seeds)).map { head + $0 + tail }
  }
}

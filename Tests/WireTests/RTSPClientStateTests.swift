import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("The client's side of RTSP")
struct RTSPClientStateTests {
  /// Client and server joined through their bytes, so that the writers and the decoder are in between.
  struct Pair {
    var client: RTSPClientState
    var server: RTSPShell
    var failure: Fault?
    var established: RTSPEstablished?
    var described: [SDPTrack] = []
    var sent: [RTSPRequest] = []

    init(_ configuration: RTSPClientState.Configuration, _ server: RTSPShell = RTSPShell()) {
      client = RTSPClientState(configuration)
      self.server = server
    }

    mutating func run() throws { try perform(client.start()) }

    mutating func perform(_ effects: [RTSPClientState.Effect]) throws {
      for effect in effects {
        switch effect {
        case .send(let request):
          sent.append(request)
          var bytes = ByteBuffer()
          request.write(into: &bytes)
          guard case .request(let read)? = try RTSPCorpus.items(Array(bytes.readableBytesView), piece: 11).first else { return }
          guard let response = server.send(read) else { return }
          try deliver(response)
        case .allocatePorts: try perform(client.portsAllocated(RTSPTransport.Ports(rtp: 5000, rtcp: 5001)))
        case .described(let tracks, _): described = tracks
        case .established(let established): self.established = established
        case .failed(let fault): failure = fault
        case .respond, .trackReady: break
        }
      }
    }

    mutating func deliver(_ response: RTSPResponse) throws {
      var bytes = ByteBuffer()
      response.write(into: &bytes)
      guard case .response(let read)? = try RTSPCorpus.items(Array(bytes.readableBytesView), piece: 13).first else { return }
      try perform(client.handle(read))
    }
  }

  private func configuration(_ text: String, push: Bool = false) throws -> RTSPClientState.Configuration {
    let tracks = [
      SDPTrack(sending: Track(index: 0, codec: .h264, clockRate: 90_000), toNode: true),
      SDPTrack(sending: Track(index: 1, codec: .pcma, clockRate: 8000, parameters: .g711(channels: 1), channels: 1), toNode: true),
    ]
    let origin = UnitOrigin(node: "county1", path: try #require(StreamName("live/cam1")))
    let role = push ? RTSPClientState.Role.push(sdp: SDPBuilder.text(tracks, name: "x", id: 1, origin: origin), tracks: tracks) : .pull
    return RTSPClientState.Configuration(url: try #require(RTSPURL(text)), role: role, clientNonce: "c0ffee")
  }

  private func guarded(basicOnly: Bool = false) -> RTSPShell {
    var shell = RTSPShell()
    let ha1 = DigestAuthentication.ha1(user: "cam", password: "p:w")
    shell.refuse = { question in
      if question.credentials == .none { return Fault(.credentialsMissing) }
      return question.matches(ha1: ha1) ? nil : Fault(.credentialsWrong)
    }
    return shell
  }

  @Test("pulling our own server over TCP: described, set up on channels of its own, playing")
  func pull() throws {
    var pair = Pair(try configuration("rtsp://127.0.0.1:8554/live/cam1"))
    try pair.run()
    #expect(pair.failure == nil)
    #expect(pair.sent.map(\.method) == [.options, .describe, .setup, .setup, .play])
    #expect(pair.sent.map(\.cseq) == [1, 2, 3, 4, 5])
    #expect(pair.sent[2].uri == "rtsp://127.0.0.1:8554/live/cam1/trackID=0")
    #expect(pair.described.map(\.track.codec) == [.h264, .pcma])
    #expect(pair.established?.setUps.map(\.path) == [0, 2].map { .interleaved(RTSPTransport.Channels(rtp: $0, rtcp: $0 + 1)) })
    #expect(pair.server.state.phase == .playing)
    #expect(pair.client.phase == .established)
    #expect(pair.client.keepAliveInterval == .seconds(30))
    let asked = pair.client.keepAlive()
    let keepAlive = try #require(asked)
    #expect(keepAlive.method == .getParameter)
    #expect(keepAlive.headers["Session"] == "4711")
    let answer = pair.server.send(keepAlive)
    try pair.deliver(try #require(answer))
    #expect(pair.client.phase == .established)
    try pair.perform(pair.client.tearDown())
    #expect(pair.server.state.phase == .closed)
    #expect(pair.client.phase == .closed)
  }

  @Test("pushing to our own server with Digest: both tracks recorded, the unit id's extension and the origin arrive")
  func push() throws {
    var pair = Pair(try configuration("rtsp://cam:p%3Aw@127.0.0.1:8554/county1/live/cam1", push: true), guarded())
    try pair.run()
    #expect(pair.failure == nil)
    #expect(pair.sent.map(\.method) == [.options, .announce, .announce, .setup, .setup, .record])
    #expect(pair.server.state.phase == .recording)
    let publication = try #require(pair.server.publication)
    #expect(publication.stream.path == "county1/live/cam1")
    #expect(publication.origin?.description == "county1/live/cam1")
    #expect(publication.tracks.map(\.payload.unitIDExtension) == [1, 1])
    #expect(publication.setUps.map(\.track) == [0, 1])
    #expect(!pair.sent.contains { $0.uri.contains("p%3Aw") || $0.uri.contains("p:w") })
  }

  @Test("a wrong password fails at the second 401, a missing one at the first; the fault tells no password")
  func credentials() throws {
    var wrong = Pair(try configuration("rtsp://cam:nope@127.0.0.1/live/cam1"), guarded())
    try wrong.run()
    #expect(wrong.failure?.code == .credentialsWrong)
    #expect(wrong.failure?.detail.contains("nope") == false)
    #expect(wrong.sent.map(\.method) == [.options, .describe, .describe])
    var missing = Pair(try configuration("rtsp://127.0.0.1/live/cam1"), guarded())
    try missing.run()
    #expect(missing.failure?.code == .credentialsMissing)
    var right = Pair(try configuration("rtsp://cam:p:w@127.0.0.1/live/cam1"), guarded())
    try right.run()
    #expect(right.established != nil)
  }

  @Test("461 to TCP falls back to UDP with ports of its own; 461 to both is a fault")
  func fallback() throws {
    var serverSide = RTSPServerState.Configuration()
    serverSide.allowsTCP = false
    var pair = Pair(try configuration("rtsp://127.0.0.1/live/cam1"), RTSPShell(serverSide))
    try pair.run()
    #expect(pair.failure == nil)
    #expect(pair.sent.filter { $0.method == .setup }.count == 3)
    #expect(
      pair.established?.setUps.map(\.path)
        == [0, 1].map { _ in .udp(client: RTSPTransport.Ports(rtp: 5000, rtcp: 5001), server: RTSPTransport.Ports(rtp: 6000, rtcp: 6001)) })
    serverSide.allowsUDP = false
    var neither = Pair(try configuration("rtsp://127.0.0.1/live/cam1"), RTSPShell(serverSide))
    try neither.run()
    #expect(neither.failure?.code == .transportUnsupported)
  }

  /// Scripted cameras: each answer is taken by the request under way.
  private func play(_ configuration: RTSPClientState.Configuration, _ answers: [RTSPResponse]) -> (
    RTSPClientState, [RTSPClientState.Effect]
  ) {
    var client = RTSPClientState(configuration)
    var effects = client.start()
    for answer in answers {
      var answer = answer
      if answer.headers["CSeq"] == nil, case .send(let request)? = effects.last(where: { if case .send = $0 { true } else { false } }) {
        answer.headers["CSeq"] = request.headers["CSeq"]
      }
      effects += client.handle(answer)
    }
    return (client, effects)
  }

  private let camera = RTSPResponse(
    .ok, headers: ["Content-Base": "rtsp://192.168.1.64:554/Streaming/Channels/101/", "Content-Type": "application/sdp"],
    body: Array(
      ("v=0\r\na=control:*\r\nm=audio 0 RTP/AVP 14\r\na=control:trackID=9\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        + "a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1\r\n").utf8))

  @Test("a camera behind NAT that tells its own address is asked at the one we reached; channels and timeout are its choice")
  func natCamera() throws {
    let (client, effects) = play(
      try configuration("rtsp://admin:x@203.0.113.9:10554/Streaming/Channels/101"),
      [
        RTSPResponse(.ok, headers: ["Public": "OPTIONS, DESCRIBE, SETUP, PLAY"]), camera,
        RTSPResponse(.ok, headers: ["Transport": "RTP/AVP/TCP;unicast;interleaved=6-7;ssrc=1", "Session": "77;timeout=20"]),
        RTSPResponse(.ok, headers: ["Session": "77", "RTP-Info": "url=trackID=1;seq=9;rtptime=10"]),
      ])
    let requests = effects.compactMap { if case .send(let request) = $0 { request } else { nil } }
    #expect(
      requests.map(\.uri) == [
        "rtsp://203.0.113.9:10554/Streaming/Channels/101", "rtsp://203.0.113.9:10554/Streaming/Channels/101",
        "rtsp://203.0.113.9:10554/Streaming/Channels/101/trackID=1", "rtsp://203.0.113.9:10554/Streaming/Channels/101/",
      ])
    guard case .established(let established)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(established.setUps == [RTSPTrackSetUp(media: 1, track: 0, path: .interleaved(RTSPTransport.Channels(rtp: 6, rtcp: 7)))])
    #expect(established.rtpInfo == [RTPInfo(url: "trackID=1", sequenceNumber: 9, timestamp: 10)])
    #expect(client.keepAliveInterval == .seconds(10))
    var after = client
    #expect(after.keepAlive()?.method == .options)
  }

  @Test("redirects are refused with where they lead, at any step")
  func redirect() throws {
    for answers in [[], [RTSPResponse(.ok)]] {
      let (client, effects) = play(
        try configuration("rtsp://u:secret@h/x"),
        answers + [RTSPResponse(.movedTemporarily, headers: ["Location": "rtsp://u:secret@evil/y"])])
      guard case .failed(let fault)? = effects.last else {
        Issue.record("\(effects)")
        return
      }
      #expect(fault.code == .pullFailed)
      #expect(fault.detail.contains("302, refused to follow it to rtsp://evil/y"))
      #expect(!fault.detail.contains("secret"))
      #expect(client.phase == .closed)
    }
  }

  @Test("a camera that changes its nonce at each request is answered each time; stale asks again with the new one")
  func rotatingNonce() throws {
    func challenge(_ nonce: String, stale: Bool = false) -> RTSPResponse {
      let text = DigestChallenge(realm: "cam", nonce: nonce, isStale: stale, offersAuth: true).text
      return RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"cam\", " + text])
    }
    let (client, effects) = play(
      try configuration("rtsp://u:p@h/x"),
      [
        challenge("n1"), RTSPResponse(.ok), challenge("n2"), challenge("n3", stale: true), camera, challenge("n4"),
        RTSPResponse(.ok, headers: ["Session": "1"]), RTSPResponse(.ok),
      ])
    #expect(client.phase == .established)
    let nonces = effects.compactMap { effect -> String? in
      guard case .send(let request) = effect, case .digest(let fields) = RTSPCredentials(authorization: request.headers["Authorization"])
      else { return nil }
      let ha1 = DigestAuthentication.ha1(user: "u", realm: "cam", password: "p")
      #expect(DigestAuthentication.verify(fields, method: request.method, ha1: ha1))
      return fields.nonce + "/" + (fields.nonceCount ?? "")
    }
    #expect(
      nonces == ["n1/00000001", "n1/00000002", "n2/00000001", "n3/00000001", "n3/00000002", "n4/00000001", "n4/00000002"])
  }

  @Test("Basic alone is answered; SHA-256 alone cannot be")
  func schemes() throws {
    let basic = RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"x\""])
    let (_, effects) = play(try configuration("rtsp://u:p@h/x"), [basic])
    guard case .send(let request)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(request.headers["Authorization"] == "Basic dTpw")
    let modern = RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-256"])
    let (_, refused) = play(try configuration("rtsp://u:p@h/x"), [modern])
    #expect(refused.last == .failed(Fault(.credentialsWrong, "no challenge that can be answered")))
  }

  @Test(
    "a refusal becomes the fault that says what to do",
    arguments: [
      (403, FaultCode.accessDenied), (404, .streamUnknown), (409, .streamBusy), (415, .codecUnsupported), (500, .pullFailed),
      (453, .pullFailed),
    ])
  func refusals(code: Int, fault: FaultCode) throws {
    let (_, effects) = play(try configuration("rtsp://h/x"), [RTSPResponse(.ok), RTSPResponse(RTSPStatus(code))])
    guard case .failed(let told)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(told.code == fault)
    #expect(told.detail.hasPrefix("DESCRIBE rtsp://h/x: \(code)"))
  }

  @Test("a push that fails is the peer's matter; OPTIONS refused is no failure; answers to other requests are passed over")
  func details() throws {
    let (client, effects) = play(
      try configuration("rtsp://h/x", push: true),
      [RTSPResponse(.notImplemented), RTSPResponse(.ok, headers: ["CSeq": "99"]), RTSPResponse(.internalServerError)])
    #expect(client.phase == .closed)
    guard case .failed(let fault)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(fault.code == .peerUnreachable)
    var other = client
    #expect(other.handle(RTSPRequest(.getParameter, "*", headers: ["CSeq": "3"])) == [.respond(RTSPResponse(.ok, headers: ["CSeq": "3"]))])
    #expect(
      other.handle(RTSPRequest(.redirect, "*", headers: ["CSeq": "4"])) == [.respond(RTSPResponse(.notImplemented, headers: ["CSeq": "4"]))]
    )
  }

  @Test("a keep-alive that is not known turns to OPTIONS, a lost session fails")
  func keepAlive() throws {
    var pair = Pair(try configuration("rtsp://127.0.0.1/live/cam1"))
    try pair.run()
    var keepAlive = pair.client.keepAlive()
    let first = try #require(keepAlive)
    try pair.deliver(RTSPResponse(.notImplemented, headers: ["CSeq": first.headers["CSeq"] ?? ""]))
    keepAlive = pair.client.keepAlive()
    let second = try #require(keepAlive)
    #expect(second.method == .options)
    try pair.deliver(RTSPResponse(.sessionNotFound, headers: ["CSeq": second.headers["CSeq"] ?? ""]))
    #expect(pair.failure?.code == .pullFailed)
    #expect(pair.client.keepAlive() == nil)
  }

  @Test("2000 sessions whose requests and answers are mutated on the way: no trap on either side")
  func fuzz() throws {
    var mutator = Mutator(seed: 47)
    var ends: [RTSPClientState.Phase: Int] = [:]
    for round in 0..<2000 {
      let push = round % 2 == 0
      var client = RTSPClientState(try configuration("rtsp://cam:p%3Aw@127.0.0.1/live/cam1", push: push))
      var server = round % 3 == 0 ? guarded() : RTSPShell()
      var queue = client.start()
      var steps = 0
      while !queue.isEmpty, steps < 40 {
        steps += 1
        switch queue.removeFirst() {
        case .send(let request):
          for read in try mutated(&mutator, { request.write(into: &$0) }) {
            guard case .request(let request) = read else { continue }
            server.send(request)
          }
          guard let response = server.responses.last else { continue }
          for read in try mutated(&mutator, { response.write(into: &$0) }) {
            guard case .response(let response) = read else { continue }
            queue += client.handle(response)
          }
        case .allocatePorts: queue += client.portsAllocated(RTSPTransport.Ports(rtp: 5000, rtcp: 5001))
        default: break
        }
      }
      ends[client.phase, default: 0] += 1
    }
    #expect((ends[.established] ?? 0) > 100)
    #expect((ends[.closed] ?? 0) > 100)
  }

  /// What a decoder reads of a message of which one in four is mutated.
  private func mutated(_ mutator: inout Mutator, _ write: (inout ByteBuffer) -> Void) throws -> [RTSPDecoder.Item] {
    var buffer = ByteBuffer()
    write(&buffer)
    let bytes = Array(buffer.readableBytesView)
    let sent = Int.random(in: 0..<4, using: &mutator) == 0 ? mutator.mutate(bytes) : bytes
    return (try? RTSPCorpus.items(sent, piece: 4096)) ?? []
  }
}

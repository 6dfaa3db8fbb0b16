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
    var repairs: [RTSPRepairs] = []

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
        case .repaired(let what): repairs.append(what)
        case .respond, .trackReady, .redirected: break
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
    let keepAlive = try #require(request(pair.client.keepAlive()))
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

  private func request(_ effects: [RTSPClientState.Effect]) -> RTSPRequest? {
    effects.lazy.compactMap { if case .send(let request) = $0 { request } else { nil } }.last
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
    #expect(request(after.keepAlive())?.method == .options)
  }

  @Test("a redirection before media flows ends the session and tells where to go, at any step and by any of its codes; a push refuses it")
  func redirect() throws {
    let location: RTSPHeaders = ["location": "rtsp://u:secret@other/y"]
    let ok = RTSPResponse(.ok)
    for (code, before) in [(301, []), (302, [ok]), (303, [ok, camera]), (305, [ok, camera, ok]), (307, [ok])] as [(Int, [RTSPResponse])] {
      let (client, effects) = play(try configuration("rtsp://h/x"), before + [RTSPResponse(RTSPStatus(code), headers: location)])
      #expect(effects.last == .redirected(location: "rtsp://u:secret@other/y", isProxy: code == 305), "\(code)")
      #expect(client.phase == .closed)
    }
    let (_, effects) = play(try configuration("rtsp://u:secret@h/x", push: true), [ok, RTSPResponse(.movedTemporarily, headers: location)])
    guard case .failed(let fault)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(fault.code == .peerUnreachable)
    #expect(fault.detail.contains("302, refused to follow it to rtsp://other/y"))
    #expect(!fault.detail.contains("secret"))
  }

  @Test("REDIRECT from a camera that plays is answered and taken")
  func redirectRequest() throws {
    var (client, _) = play(try configuration("rtsp://h/x"), [RTSPResponse(.ok), camera, RTSPResponse(.ok), RTSPResponse(.ok)])
    #expect(client.isEstablished)
    let effects = client.handle(RTSPRequest(.redirect, "*", headers: ["CSeq": "4", "Location": "rtsp://h:99/y"]))
    #expect(effects == [.respond(RTSPResponse(.ok, headers: ["CSeq": "4"])), .redirected(location: "rtsp://h:99/y", isProxy: false)])
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

  @Test("of several challenges the strongest that can be answered is, Basic only where there is no other; a fault names what cannot be")
  func schemes() throws {
    let basic = RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Basic realm=\"x\""])
    let (_, effects) = play(try configuration("rtsp://u:p@h/x"), [basic])
    guard case .send(let request)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(request.headers["Authorization"] == "Basic dTpw")
    func digest(_ algorithm: String) -> String { "Digest realm=\"x\", nonce=\"\(algorithm)\", algorithm=\(algorithm)" }
    let offers: [(headers: [String], chosen: String)] = [
      (["Basic realm=\"x\"", digest("MD5"), digest("SHA-256"), digest("SHA-512-256")], "SHA-256"),
      ([digest("SHA-256") + ", " + digest("MD5") + ", Basic realm=\"x\""], "SHA-256"), ([digest("md5") + ", Basic realm=x"], "md5"),
      (["Negotiate", digest("SHA-512-256"), "Digest realm=\"x\", nonce=\"none\"", "Basic realm=\"x\""], "none"),
      ([digest("SHA-256-sess"), digest("SHA-256")], "SHA-256-sess"),
    ]
    for offer in offers {
      var response = RTSPResponse(.unauthorized)
      for header in offer.headers { response.headers.add("www-authenticate", header) }
      let (_, effects) = play(try configuration("rtsp://u:p@h/x"), [response])
      guard case .digest(let fields) = RTSPCredentials(authorization: self.request(effects)?.headers["Authorization"]) else {
        Issue.record("\(effects)")
        continue
      }
      #expect(fields.nonce == offer.chosen)
    }
    let strange = RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": digest("SHA-512-256") + ", NTLM"])
    let (_, refused) = play(try configuration("rtsp://u:p@h/x"), [strange])
    #expect(refused.last == .failed(Fault(.authenticationUnsupported, "rtsp://h/x: Digest SHA-512-256, ntlm")))
    let (_, bare) = play(try configuration("rtsp://u:p@h/x"), [RTSPResponse(.unauthorized)])
    #expect(bare.last == .failed(Fault(.credentialsWrong, "rtsp://h/x: 401 without a challenge")))
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

  @Test("a keep-alive that is refused, redirected, challenged or never answered ends nothing; the next one goes the other way")
  func keepAlive() throws {
    var pair = Pair(try configuration("rtsp://127.0.0.1/live/cam1"))
    try pair.run()
    let refusals: [RTSPResponse?] = [
      RTSPResponse(.notImplemented), RTSPResponse(.sessionNotFound), nil, RTSPResponse(.movedPermanently, headers: ["Location": "rtsp://evil/"]),
      RTSPResponse(.unauthorized), nil, nil, RTSPResponse(.internalServerError),
    ]
    var methods: [RTSPMethod] = []
    for refusal in refusals {
      let asked = try #require(request(pair.client.keepAlive()))
      methods.append(asked.method)
      guard var refusal else { continue }
      refusal.headers["CSeq"] = asked.headers["CSeq"]
      try pair.deliver(refusal)
      #expect(pair.failure == nil && pair.client.isEstablished, "\(refusal.status)")
    }
    #expect(methods == [.getParameter, .options, .getParameter, .options, .getParameter, .options, .getParameter, .options])
    #expect(pair.repairs.count == 5 && pair.repairs.allSatisfy { $0 == .keepAlive })
    // One that is answered goes on as it is.
    for _ in 0..<2 {
      let asked = try #require(request(pair.client.keepAlive()))
      #expect(asked.method == .getParameter)
      try pair.deliver(RTSPResponse(.ok, headers: ["CSeq": asked.headers["CSeq"] ?? ""]))
    }
  }

  @Test("a keep-alive that is challenged is asked again with an answer, as long as there is one")
  func keepAliveChallenged() throws {
    var (client, _) = play(try configuration("rtsp://u:p@h/x"), [RTSPResponse(.ok), camera, RTSPResponse(.ok), RTSPResponse(.ok)])
    for _ in 0..<3 {
      var asked = try #require(request(client.keepAlive()))
      for nonce in ["a", "b"] {
        var response = RTSPResponse(.unauthorized, headers: ["WWW-Authenticate": "Digest realm=\"x\", nonce=\"\(nonce)\""])
        response.headers["CSeq"] = asked.headers["CSeq"]
        let effects = client.handle(response)
        #expect(client.isEstablished)
        guard let again = request(effects) else {
          #expect(nonce == "b" && effects == [.repaired(.keepAlive)])
          continue
        }
        #expect(nonce == "a" && again.headers["Authorization"]?.contains("nonce=\"a\"") == true)
        asked = again
      }
    }
  }

  @Test("half the session's timeout is between keep-alives, from 1 to 30 s; without one, and with one that is no number, 30 s")
  func keepAliveInterval() throws {
    for (header, seconds) in [
      ("1", 30), ("1;timeout=60", 30), ("1;timeout=5", 2), (" 1 ; TimeOut = 10 ", 5), ("1;timeout=1", 1), ("1;timeout=0", 30), ("1;timeout=", 30),
      ("1;timeout=3600", 30),
    ] {
      let (client, _) = play(
        try configuration("rtsp://h/x"), [RTSPResponse(.ok), camera, RTSPResponse(.ok, headers: ["session": header]), RTSPResponse(.ok)])
      #expect(client.isEstablished && client.keepAliveInterval == .seconds(Int64(seconds)), "\(header)")
      #expect(client.session?.id == "1")
    }
  }

  @Test("the way back to a camera is no track and is not set up; it is kept with its control and formats, and not asked for by Require")
  func backChannel() throws {
    let sdp =
      "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t1\r\nm=application 0 RTP/AVP 107\r\n"
      + "a=rtpmap:107 vnd.onvif.metadata/90000\r\na=recvonly\r\na=control:t2\r\nm=audio 0 RTP/AVP 97 0\r\na=rtpmap:97 MPEG4-GENERIC/16000\r\n"
      + "a=sendonly\r\na=control:t3\r\nm=audio 0 RTP/AVP 8\r\na=recvonly\r\na=control:t4\r\n"
    let ok = RTSPResponse(.ok)
    let (client, effects) = play(
      try configuration("rtsp://h/x"), [ok, RTSPResponse(.ok, body: Array(sdp.utf8)), ok, ok, ok])
    let requests = effects.compactMap { if case .send(let request) = $0 { request } else { nil } }
    #expect(requests.filter { $0.method == .setup }.map(\.uri) == ["rtsp://h/x/t1", "rtsp://h/x/t4"])
    #expect(requests.allSatisfy { $0.headers["Require"] == nil })
    let back = try #require(client.backChannels.first)
    #expect(client.backChannels.count == 1 && back.media == 2 && back.control == "t3")
    #expect(back.formats.map(\.payloadType) == [97, 0] && back.formats.map(\.encoding.name) == ["MPEG4-GENERIC", "PCMU"])
    guard case .established(let media)? = effects.last else {
      Issue.record("\(effects)")
      return
    }
    #expect(media.tracks.map(\.track.codec) == [.h264, .pcma] && media.setUps.map(\.media) == [0, 3] && media.backChannels == [back])
  }

  @Test("sound whose SETUP is refused is left out, and the tracks behind it move up; pictures that are refused are the end")
  func refusedSound() throws {
    let sdp =
      "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t1\r\nm=audio 0 RTP/AVP 8\r\na=control:t2\r\n"
      + "m=audio 0 RTP/AVP 0\r\na=control:t3\r\n"
    let described = RTSPResponse(.ok, body: Array(sdp.utf8))
    let ok = RTSPResponse(.ok)
    for refusal in [RTSPResponse(.notFound), RTSPResponse(.unsupportedTransport), RTSPResponse(.ok, headers: ["Transport": "RTP/AVP;multicast"])] {
      let (client, effects) = play(try configuration("rtsp://h/x"), [ok, described, ok, refusal, ok, ok])
      guard case .established(let media)? = effects.last else {
        Issue.record("\(effects)")
        return
      }
      #expect(client.isEstablished && effects.contains(.repaired(.mediaLeftOut)))
      #expect(media.tracks.map(\.track.codec) == [.h264, .pcmu] && media.tracks.map(\.track.index) == [0, 1])
      #expect(media.setUps.map(\.track) == [0, 1] && media.setUps.map(\.media) == [0, 2])
    }
    let (client, _) = play(try configuration("rtsp://h/x"), [ok, described, RTSPResponse(.notFound)])
    #expect(client.phase == .closed)
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

import Model
import Testing
import Wire

@Suite("The server's side of RTSP")
struct RTSPServerStateTests {
  static let url = "rtsp://127.0.0.1:8554/live/cam1"
  static let sdp =
    "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:streamid=0\r\nm=audio 0 RTP/AVP 8\r\na=control:streamid=1\r\n"
  static let description: RTSPHeaders = ["Content-Type": "application/sdp"]

  private func tcp(_ first: Int) -> RTSPHeaders { ["Transport": "RTP/AVP/TCP;unicast;interleaved=\(first)-\(first + 1)"] }

  private func playing() -> RTSPShell {
    var shell = RTSPShell()
    shell.send(.describe, Self.url)
    shell.send(.setup, Self.url + "/trackID=0", tcp(0))
    shell.send(.play, Self.url)
    return shell
  }

  private func recording(_ configuration: RTSPServerState.Configuration = RTSPServerState.Configuration()) -> RTSPShell {
    var shell = RTSPShell(configuration)
    shell.send(.announce, Self.url, Self.description, body: Self.sdp)
    shell.send(.setup, Self.url + "/streamid=0", tcp(0))
    shell.send(.record, Self.url)
    return shell
  }

  @Test(
    "what ffmpeg and GStreamer sent to another server leads here to the same end",
    arguments: [
      ("ffmpeg-h264-aac-tcp.bytes", RTSPServerState.Phase.recording, 2), ("ffmpeg-h264-udp.bytes", .closed, 1),
      ("ffmpeg-h264-query.bytes", .recording, 1), ("ffmpeg-h264-digest.bytes", .recording, 1),
      ("ffmpeg-h264-digest-qop.bytes", .recording, 1),
      ("ffmpeg-h264-basic.bytes", .recording, 1), ("ffmpeg-h264-mp2.bytes", .recording, 2), ("ffmpeg-read-tcp.bytes", .closed, 2),
      ("ffmpeg-read-udp.bytes", .closed, 2), ("gst-read-tcp.bytes", .playing, 2), ("gst-read-udp.bytes", .playing, 2),
      ("gst-read-digest.bytes", .playing, 2),
    ])
  func replay(name: String, state: RTSPServerState.Phase, medias: Int) throws {
    var shell = RTSPShell()
    shell.describe = { _ in .success(RTSPShell.twoTracks) }
    let ha1 = DigestAuthentication.ha1(user: "cam", password: "se:cret@1")
    if name.contains("digest") || name.contains("basic") {
      shell.refuse = { question in
        if question.credentials == .none { return Fault(.credentialsMissing) }
        return question.matches(ha1: ha1) ? nil : Fault(.credentialsWrong)
      }
    }
    for request in try RTSPCorpus.requests(name) {
      let answer = shell.send(request)
      let response = try #require(answer)
      #expect(response.cseq == request.cseq)
      let isFirstAsked = response.status == .unauthorized && request.headers["Authorization"] == nil
      #expect(response.status == .ok || isFirstAsked, "\(request.method) \(response.status.code)")
    }
    #expect(shell.state.phase == state)
    #expect(shell.publication?.stream.path ?? shell.playback?.stream.path == "live/cam1")
    #expect((shell.publication?.setUps ?? shell.playback?.setUps)?.count == medias)
  }

  @Test("a publisher: tracks in their order, medias that are not carried without a track, channels as asked")
  func publishing() throws {
    var shell = RTSPShell()
    let sdp =
      "v=0\r\nm=audio 0 RTP/AVP 14\r\na=control:streamid=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:streamid=1\r\n"
      + "m=audio 0 RTP/AVP 8\r\na=control:streamid=2\r\n"
    #expect(shell.send(.announce, Self.url, Self.description, body: sdp)?.status == .ok)
    #expect(shell.state.phase == .announced)
    for media in [2, 0] {
      let response = shell.send(.setup, Self.url + "/streamid=\(media)", tcp(media * 2))
      #expect(response?.headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=\(media * 2)-\(media * 2 + 1)")
      #expect(response?.headers["Session"] == "4711;timeout=60")
    }
    #expect(shell.send(.record, Self.url, ["Session": "4711"])?.status == .ok)
    #expect(shell.state.phase == .recording)
    let publication = try #require(shell.publication)
    #expect(publication.stream.path == "live/cam1")
    // The video was never set up, so the audio is track 0.
    #expect(publication.tracks.map(\.track.codec) == [.pcma])
    #expect(publication.tracks.map(\.track.index) == [0])
    #expect(publication.setUps.map(\.media) == [2, 0])
    #expect(publication.setUps.map(\.track) == [0, nil])
    #expect(publication.setUps.map(\.path) == [4, 0].map { .interleaved(RTSPTransport.Channels(rtp: $0, rtcp: $0 + 1)) })
    #expect(shell.send(.teardown, Self.url, ["Session": "4711"])?.status == .ok)
    #expect(shell.effects.suffix(3).first == .stop(nil))
    #expect(shell.effects.last == .close)
    #expect(shell.state.phase == .closed)
    #expect(shell.state.handle(RTSPRequest(.options, "*"), at: shell.now).isEmpty)
  }

  @Test("a reader over UDP: ports and SSRC in the answer, RTP-Info after PLAY, PAUSE and PLAY again")
  func readingUDP() throws {
    var shell = RTSPShell()
    let described = shell.send(.describe, Self.url + "?key=k1")
    #expect(described?.headers["Content-Base"] == Self.url + "/")
    #expect(described?.headers["Content-Type"] == "application/sdp")
    #expect(described?.body == Array(RTSPShell.twoTracks.sdp.utf8))
    #expect(
      shell.effects.contains(
        .authorise(
          RTSPAuthorisation(action: .read, stream: try #require(StreamName("live/cam1")), credentials: .none, method: .describe, key: "k1"))
      ))
    let offer: RTSPHeaders = ["Transport": "RTP/AVP;multicast,RTP/AVP;unicast;client_port=5000-5001"]
    let answer = shell.send(.setup, Self.url + "/trackID=1", offer)
    #expect(answer?.headers["Transport"] == "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=0000ABCD")
    shell.answers = false
    shell.send(.play, Self.url + "/", ["Range": "npt=0.000-", "Session": "4711"])
    #expect(
      shell.playback?.setUps == [
        RTSPTrackSetUp(
          media: 1, track: 1,
          path: .udp(client: RTSPTransport.Ports(rtp: 5000, rtcp: 5001), server: RTSPTransport.Ports(rtp: 6000, rtcp: 6001)))
      ])
    #expect(shell.playback?.range == .normalPlayTime(start: .zero, end: nil))
    #expect(shell.state.phase == .ready)
    shell.perform(shell.state.started(rtpInfo: [RTPInfo(url: Self.url + "/trackID=1", sequenceNumber: 5, timestamp: 6)], at: shell.now))
    #expect(shell.responses.last?.headers["RTP-Info"] == "url=\(Self.url)/trackID=1;seq=5;rtptime=6")
    #expect(shell.responses.last?.headers["Range"] == "npt=now-")
    #expect(shell.state.phase == .playing)
    shell.answers = true
    #expect(shell.send(.pause, Self.url)?.status == .ok)
    #expect(shell.effects.contains(.pause))
    #expect(shell.state.phase == .ready)
    #expect(shell.send(.play, Self.url)?.status == .ok)
    guard case .startPlaying(let again)? = shell.effects.last(where: { if case .startPlaying = $0 { true } else { false } }) else {
      Issue.record("not resumed")
      return
    }
    #expect(again.isResumed)
  }

  @Test("a reader that skips DESCRIBE is asked who it is and is set up all the same")
  func setUpFirst() {
    var shell = RTSPShell()
    #expect(shell.send(.setup, Self.url + "/trackID=1", tcp(0))?.status == .ok)
    #expect(shell.state.stream?.path == "live/cam1")
    #expect(shell.send(.play, Self.url)?.status == .ok)
    #expect(shell.playback?.setUps.first?.track == 1)
  }

  @Test("a reader waits for its publisher without timing out, and what it pipelined is answered in order afterwards")
  func waiting() {
    var shell = RTSPShell()
    shell.answers = false
    shell.send(.describe, Self.url, ["CSeq": "1"])
    shell.perform(shell.state.authorised(at: shell.now))
    #expect(StreamName("live/cam1").map { .describe($0) } == shell.effects.last)
    shell.send(.setup, Self.url + "/trackID=0", ["CSeq": "2", "Transport": "RTP/AVP/TCP;interleaved=0-1"])
    shell.send(.options, "*", ["CSeq": "3"])
    #expect(shell.responses.isEmpty)
    #expect(shell.state.deadline == nil)
    shell.now = shell.now + .seconds(3600)
    shell.perform(shell.state.described(RTSPShell.twoTracks, at: shell.now))
    #expect(shell.responses.map(\.cseq) == [1, 2, 3])
    #expect(shell.responses.allSatisfy { $0.status == .ok })
    #expect(shell.state.timedOut(at: shell.now).isEmpty)
  }

  @Test("more than 16 waiting requests end the connection")
  func flooding() {
    var shell = RTSPShell()
    shell.answers = false
    shell.send(.describe, Self.url)
    for _ in 0..<16 { shell.send(.options, "*") }
    #expect(shell.state.phase == .initial)
    shell.send(.options, "*")
    #expect(shell.state.phase == .closed)
    #expect(shell.effects.last == .close)
  }

  @Test("who gives nothing or something wrong is challenged by Digest and Basic, and after five wrong answers cut off")
  func challenges() throws {
    var shell = RTSPShell()
    shell.refuse = { $0.credentials == .none ? Fault(.credentialsMissing) : Fault(.credentialsWrong) }
    let first = shell.send(.describe, Self.url)
    #expect(first?.status == .unauthorized)
    #expect(
      first?.headers.all("WWW-Authenticate") == [
        "Digest realm=\"FirstFrame\", nonce=\"\(RTSPShell.nonce)\"", "Basic realm=\"FirstFrame\"",
      ])
    for attempt in 1...5 {
      #expect(shell.state.phase == .initial)
      shell.send(.describe, Self.url, ["Authorization": BasicAuthentication.authorization(user: "u", password: "\(attempt)")])
    }
    #expect(shell.responses.allSatisfy { $0.status == .unauthorized })
    #expect(shell.state.phase == .closed)
    #expect(shell.effects.last == .close)
  }

  @Test("a Digest answer to a foreign nonce or realm is stale and asks nobody")
  func stale() {
    var shell = RTSPShell()
    for (realm, nonce) in [("FirstFrame", "other"), ("Other", RTSPShell.nonce)] {
      let fields = DigestCredentials(user: "u", realm: realm, nonce: nonce, uri: Self.url, response: "00")
      let response = shell.send(.describe, Self.url, ["Authorization": fields.text])
      #expect(response?.status == .unauthorized)
      #expect(response?.headers["WWW-Authenticate"]?.hasSuffix("stale=true") == true)
    }
    #expect(!shell.effects.contains { if case .authorise = $0 { true } else { false } })
  }

  @Test("once allowed is allowed for that stream and action; another stream asks again")
  func allowance() {
    var shell = playing()
    shell.send(.setup, Self.url + "/trackID=1", tcp(2))
    func questions(_ shell: RTSPShell) -> Int { shell.effects.count { if case .authorise = $0 { true } else { false } } }
    #expect(questions(shell) == 1)
    var fresh = RTSPShell()
    fresh.send(.describe, Self.url)
    fresh.send(.describe, Self.url)
    #expect(questions(fresh) == 1)
    fresh.send(.describe, "rtsp://h/live/cam2")
    #expect(questions(fresh) == 2)
    #expect(fresh.state.stream?.path == "live/cam2")
  }

  @Test(
    "a refusal has the status that its fault means, and names it",
    arguments: [
      (FaultCode.accessDenied, 403), (.streamUnknown, 404), (.streamBusy, 409), (.codecUnsupported, 415), (.transportUnsupported, 461),
      (.diskFull, 503),
      (.pipelineFailed, 500),
    ])
  func refusals(code: FaultCode, status: Int) {
    var shell = RTSPShell()
    shell.describe = { _ in .failure(Fault(code)) }
    let response = shell.send(.describe, Self.url)
    #expect(response?.status.code == status)
    #expect(response?.headers["X-Fault"] == code.rawValue)
    #expect(shell.state.phase == .initial)
    var publisher = RTSPShell()
    publisher.start = Fault(code)
    publisher.send(.announce, Self.url, Self.description, body: Self.sdp)
    publisher.send(.setup, Self.url + "/streamid=0", tcp(0))
    #expect(publisher.send(.record, Self.url)?.status.code == status)
    #expect(publisher.state.phase == .ready)
  }

  @Test("requests out of order are 455 and say what is allowed; without a session TEARDOWN is 454")
  func outOfOrder() {
    var shell = RTSPShell()
    for method: RTSPMethod in [.play, .record, .pause] {
      let response = shell.send(method, Self.url)
      #expect(response?.status.code == 455)
      #expect(response?.headers["Allow"]?.contains("ANNOUNCE") == true)
    }
    #expect(shell.send(.teardown, Self.url)?.status == .sessionNotFound)
    shell.send(.announce, Self.url, Self.description, body: Self.sdp)
    #expect(shell.send(.describe, Self.url)?.status.code == 455)
    #expect(shell.send(.play, Self.url)?.status.code == 455)
    #expect(shell.send(.record, Self.url)?.status.code == 455)
    shell.send(.setup, Self.url + "/streamid=0", tcp(0))
    #expect(shell.send(.setup, Self.url + "/streamid=0", tcp(2))?.status.code == 455)
    #expect(shell.send(.announce, Self.url, Self.description, body: Self.sdp)?.status.code == 455)
    #expect(shell.send(.record, Self.url)?.status == .ok)
    #expect(shell.send(.setup, Self.url + "/streamid=1", tcp(2))?.status.code == 455)
    #expect(shell.send(.pause, Self.url)?.status.code == 455)
    var reader = playing()
    #expect(reader.send(.announce, Self.url, Self.description, body: Self.sdp)?.status.code == 455)
    #expect(reader.send(.describe, "rtsp://h/live/cam2")?.status.code == 455)
    #expect(reader.send(.record, Self.url)?.status.code == 455)
    #expect(reader.send(.play, Self.url)?.status == .ok)
  }

  @Test("a foreign session is 454; CSeq missing is 400; Require is 551; unknown methods are 501, REDIRECT 405")
  func rules() {
    var shell = playing()
    #expect(shell.send(.options, "*", ["Session": "0815"])?.status == .sessionNotFound)
    #expect(shell.send(.options, "*", ["Session": "4711;timeout=60"])?.status == .ok)
    #expect(shell.send(RTSPRequest(.options, "*"))?.status == .badRequest)
    let required = shell.send(.options, "*", ["Require": "com.example.x"])
    #expect(required?.status.code == 551)
    #expect(required?.headers["Unsupported"] == "com.example.x")
    #expect(shell.send(.unknown("BREW"), "*")?.status == .notImplemented)
    #expect(shell.send(.redirect, "*")?.status == .methodNotAllowed)
    #expect(shell.send(.getParameter, Self.url)?.status == .ok)
    #expect(shell.send(.getParameter, Self.url, body: "jitter\r\n")?.status == .ok)
    #expect(shell.send(.setParameter, Self.url)?.status == .ok)
    #expect(shell.send(.setParameter, Self.url, body: "x: 1")?.status == .parameterNotUnderstood)
    #expect(shell.state.phase == .playing)
    var fresh = RTSPShell()
    #expect(fresh.send(.options, "*", ["Session": "4711"])?.status == .sessionNotFound)
  }

  @Test(
    "transports that cannot be served are 461",
    arguments: [
      "RTP/AVP;multicast;port=5000-5001", "RTP/SAVP;unicast;client_port=5000-5001", "RTP/AVP;unicast",
      "RTP/AVP/TCP;interleaved=0-1;mode=record", "", "x",
      "RTP/AVP;unicast;client_port=0-1",
    ])
  func transports(text: String) {
    var shell = RTSPShell()
    shell.send(.describe, Self.url)
    #expect(shell.send(.setup, Self.url + "/trackID=0", ["Transport": text])?.status.code == 461)
    #expect(shell.notes == [.transportUnsupported])
    #expect(shell.state.phase == .described)
    #expect(shell.send(.setup, Self.url + "/trackID=0", tcp(0))?.status == .ok)
  }

  @Test("the first transport that can be served is taken, all tracks alike; UDP may be off; no ports left is 503")
  func choice() {
    var configuration = RTSPServerState.Configuration()
    configuration.allowsUDP = false
    var shell = RTSPShell(configuration)
    shell.send(.describe, Self.url)
    let both: RTSPHeaders = ["Transport": "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=8-9"]
    #expect(shell.send(.setup, Self.url + "/trackID=0", both)?.headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=8-9")
    // The second asks for taken channels and gets the track's own.
    #expect(shell.send(.setup, Self.url + "/trackID=1", both)?.headers["Transport"] == "RTP/AVP/TCP;unicast;interleaved=2-3")
    var udp = RTSPShell()
    udp.send(.describe, Self.url)
    udp.send(.setup, Self.url + "/trackID=0", both)
    #expect(udp.send(.setup, Self.url + "/trackID=1", tcp(0))?.status.code == 461)
    var none = RTSPShell()
    none.ports = .failure(Fault(.portInUse))
    none.send(.describe, Self.url)
    #expect(none.send(.setup, Self.url + "/trackID=0", both)?.status == .serviceUnavailable)
    #expect(none.state.phase == .described)
  }

  @Test("tracks that are not there are 404, the aggregate of two is 459, bad names and descriptions are told")
  func wrongTargets() {
    var shell = RTSPShell()
    shell.send(.describe, Self.url)
    #expect(shell.send(.setup, Self.url + "/trackID=2", tcp(0))?.status == .notFound)
    #expect(shell.send(.setup, Self.url, tcp(0))?.status == .aggregateOperationNotAllowed)
    #expect(shell.send(.setup, "rtsp://h/live/cam2/trackID=0", tcp(0))?.status == .notFound)
    #expect(shell.send(.setup, "nonsense", tcp(0))?.status == .badRequest)
    var publisher = RTSPShell()
    #expect(publisher.send(.announce, "rtsp://h/a%2Fb/../c", Self.description, body: Self.sdp)?.status == .badRequest)
    #expect(publisher.send(.announce, Self.url, ["Content-Type": "text/plain"], body: Self.sdp)?.status == .unsupportedMediaType)
    #expect(publisher.send(.announce, Self.url, Self.description, body: "junk")?.status == .badRequest)
    #expect(publisher.send(.announce, Self.url, Self.description, body: "v=0\r\nm=video 0 RTP/AVP 26\r\n")?.status == .unsupportedMediaType)
    #expect(publisher.notes == [.streamNameInvalid, .rtspMalformed, .codecUnsupported])
    #expect(publisher.state.phase == .initial)
    #expect(publisher.send(.announce, Self.url, Self.description, body: Self.sdp)?.status == .ok)
    #expect(publisher.send(.setup, Self.url + "/streamid=9", tcp(0))?.status == .notFound)
  }

  @Test("silence of 60 s ends a publisher; media and keep-alives keep it; a reader over TCP lives as long as its connection")
  func timeouts() throws {
    var shell = recording()
    let start = shell.now
    #expect(shell.state.deadline == start + .seconds(60))
    shell.state.touch(at: start + .seconds(50))
    #expect(shell.state.timedOut(at: start + .seconds(109)).isEmpty)
    shell.now = start + .seconds(100)
    shell.send(.options, "*")
    #expect(shell.state.deadline == start + .seconds(160))
    #expect(shell.state.timedOut(at: start + .seconds(160)) == [.stop(Fault(.rtspTimeout, "live/cam1")), .close])
    #expect(shell.state.phase == .closed)
    #expect(shell.state.deadline == nil)
    #expect(playing().state.deadline == nil)
    let idle = RTSPShell()
    #expect(idle.state.deadline == idle.now + .seconds(30))
    var udp = RTSPShell()
    udp.send(.describe, Self.url)
    udp.send(.setup, Self.url + "/trackID=0", ["Transport": "RTP/AVP;client_port=5000-5001"])
    udp.send(.play, Self.url)
    #expect(udp.state.deadline == udp.now + .seconds(60))
  }

  @Test("a broken connection stops what was set up and nothing else; a decoding error is answered, then the end")
  func endings() {
    var shell = recording()
    let reason = Fault(.publisherGone, "reset by the peer")
    #expect(shell.state.connectionClosed(reason) == [.stop(reason)])
    #expect(shell.state.connectionClosed(reason).isEmpty)
    var fresh = RTSPShell()
    #expect(fresh.state.connectionClosed(reason).isEmpty)
    var broken = playing()
    let effects = broken.state.failed(.headerTooLong)
    #expect(effects.first == .note(RTSPDecodingError.headerTooLong.fault))
    #expect(effects.dropFirst().first == .respond(RTSPResponse(.requestEntityTooLarge, headers: ["Server": "FirstFrame"])))
    #expect(effects.suffix(2) == [.stop(RTSPDecodingError.headerTooLong.fault), .close])
  }

  @Test("answers to questions that were not asked do nothing")
  func strayAnswers() {
    var shell = playing()
    #expect(shell.state.authorised(at: shell.now).isEmpty)
    #expect(shell.state.refused(Fault(.accessDenied), at: shell.now).isEmpty)
    #expect(shell.state.described(RTSPShell.twoTracks, at: shell.now).isEmpty)
    #expect(shell.state.started(at: shell.now).isEmpty)
    #expect(shell.state.portsAllocated(RTSPTransport.Ports(rtp: 1, rtcp: 2), at: shell.now).isEmpty)
    #expect(shell.state.phase == .playing)
  }
}

import Model
import NIOCore
import Testing
import Wire

@Suite("The two sides of an RTMP connection")
struct RTMPStateTests {
  /// Runs our client against our server in memory until neither has anything to say.
  static func meet(_ role: RTMPClientState.Role, url: String, refuse: Fault? = nil) throws -> (RTMPHarness, RTMPClientState, Fault?) {
    var server = RTMPHarness()
    server.accepts = refuse == nil
    var client = RTMPClientState(url: try RTMPURL(url), role: role)
    var handshake = RTMPClientHandshake()
    var decoder = RTMPChunkDecoder()
    var toServer = handshake.hello()
    for _ in 0..<10 {
      try server.feed(toServer.readableBytesView)
      toServer.clear()
      if let refuse, case .asking = server.state.role { server.state.refuse(refuse, &server.output) }
      var answer = server.output
      server.output.clear()
      if !handshake.isDone {
        try handshake.receive(&answer, reply: &toServer)
        if handshake.isDone { client.start(&toServer) }
      }
      while let message = try decoder.next(&answer) {
        do { _ = try client.handle(message, output: &toServer) } catch { return (server, client, error) }
      }
      if toServer.readableBytes == 0 { break }
    }
    return (server, client, nil)
  }

  @Test("our client publishes to our server: name, key and readiness arrive")
  func publish() throws {
    let (server, client, fault) = try RTMPStateTests.meet(.publish, url: "rtmp://h:1936/live/cam1?key=a%2Bb&x=1")
    #expect(fault == nil)
    #expect(client.isReady)
    #expect(server.state.role == .publishing)
    guard case .publish(let target)? = server.events.first else { throw Fault(.rtmpMalformed) }
    #expect(target.name == StreamName("live/cam1"))
    #expect(target.key == "a+b")
  }

  @Test("our client plays from our server")
  func play() throws {
    let (server, client, _) = try RTMPStateTests.meet(.play, url: "rtmp://h/a/b/c")
    #expect(client.isReady)
    #expect(server.state.role == .playing)
    #expect(server.events == [.play(RTMPTarget(app: "a/b", stream: "c"))])
  }

  @Test(
    "a refusal reaches the client as the fault it was",
    arguments: [(FaultCode.streamBusy, FaultCode.streamBusy), (.credentialsWrong, .credentialsWrong)])
  func refusal(sent: FaultCode, seen: FaultCode) throws {
    let (_, client, fault) = try RTMPStateTests.meet(.publish, url: "rtmp://h/live/a", refuse: Fault(sent))
    #expect(fault?.code == seen)
    #expect(!client.isReady)
  }

  @Test(
    "real publishers are understood",
    arguments: [("ffmpeg51-avc", "abc" as String?), ("ffmpeg9-hevc", nil), ("gst-alaw", nil), ("librtmp", nil)])
  func realPublishers(name: String, key: String?) throws {
    var server = RTMPHarness()
    for byte in try RTMPHarness.corpus(name + ".client").chunked(777) { try server.feed(byte) }
    #expect(server.events.first == .publish(RTMPTarget(app: "live", stream: key.map { "a?key=" + $0 } ?? "a")))
    #expect(server.events.last == .ended)
    #expect(server.mediaFaults == [])
  }

  @Test("a real player is understood")
  func realPlayer() throws {
    var server = RTMPHarness()
    try server.feed(try RTMPHarness.corpus("play-ffmpeg51.client"))
    guard case .play(let target)? = server.events.first else { throw Fault(.rtmpMalformed) }
    #expect(target.name == StreamName("live/p"))
  }

  @Test("another handshake version, a command before connect and a second publish end the connection")
  func wrongOrder() throws {
    var handshake = RTMPServerHandshake()
    var input = ByteBuffer(bytes: [6, 0])
    var reply = ByteBuffer()
    #expect(throws: Fault.self) { try handshake.receive(&input, reply: &reply) }
    var state = RTMPServerState()
    let publish = RTMPCommand(name: "publish", transaction: 5, arguments: ["a"]).message(stream: 1)
    #expect(throws: Fault.self) { try state.handle(publish, output: &reply) }
    let connect = RTMPCommand(name: "connect", transaction: 1, object: .object(["app": "live"])).message()
    #expect(try state.handle(connect, output: &reply) == nil)
    #expect(try state.handle(publish, output: &reply) != nil)
    #expect(throws: Fault.self) { try state.handle(publish, output: &reply) }
  }

  @Test("pings are answered and received bytes acknowledged")
  func housekeeping() throws {
    var state = RTMPServerState()
    var output = ByteBuffer()
    _ = try state.handle(RTMPControl.pingRequest(77).message, output: &output)
    state.count(2_000_000, output: &output)
    var decoder = RTMPChunkDecoder()
    var messages: [RTMPMessage] = []
    while let message = try decoder.next(&output) { messages.append(message) }
    #expect(messages.map { RTMPControl($0) } == [.pingResponse(77), .acknowledgement(2_000_000)])
  }

  @Test("the key is found in stream, application or tcUrl, and the name joins application and stream")
  func targets() {
    #expect(RTMPTarget(app: "live?key=k", stream: "cam1").key == "k")
    #expect(RTMPTarget(app: "live", stream: "cam1", tcURL: "rtmp://h/live?key=t").key == "t")
    #expect(RTMPTarget(app: "live?key=k", stream: "cam1?key=s").key == "s")
    #expect(RTMPTarget(app: "", stream: "/cam1").name == StreamName("cam1"))
    #expect(RTMPTarget(app: "live/", stream: "a/b").name == StreamName("live/a/b"))
    #expect(RTMPTarget(app: "live", stream: "..").name == nil)
  }

  @Test(
    "however a device divides the address that it was given, it means the same stream",
    arguments: [
      ("97ADC289-456A", "rtmp://10.0.0.1:1935/97ADC289-456A", "rtmp://10.0.0.1:1935/97ADC289-456A", "97ADC289-456A", nil),
      ("live", "rtmp://10.0.0.1/live/cam1?key=k", "rtmp://10.0.0.1/live", "live/cam1", "k"),
      ("live", "RTMPS://[::1]:443/live/cam1/", "", "live/cam1", nil), ("live", "/rtmp://10.0.0.1/live//cam1", "", "live/cam1", nil),
      ("live", "rtmp://10.0.0.1", "", "live", nil), ("live", "rtmp://10.0.0.1/?key=k", "", "live", "k"),
      ("live/cam1", "", "rtmp://10.0.0.1/live/cam1", "live/cam1", nil), ("/live/cam1/?key=k", "", "", "live/cam1", "k"),
      ("live/cam1", "?key=k", "", "live/cam1", "k"), ("live", "//cam1", "", "live/cam1", nil),
      ("", "cam1", "rtmp://10.0.0.1/live?key=k", "live/cam1", "k"), ("", "", "rtmp://10.0.0.1/live/cam1", "live/cam1", nil),
      ("live", "", "rtmp://10.0.0.1:1935/live/cam1?key=k", "live/cam1", "k"), ("rtmp://10.0.0.1/live", "cam1", "", "live/cam1", nil),
      // A name that only looks like an address is none.
      ("live", "cam1", "rtmp://10.0.0.1/other/cam9", "live/cam1", nil), ("live", "http://10.0.0.1/live/cam1", "", nil, nil),
      ("", "", "", nil, nil), ("rtmp:", "//", "rtmp://", nil, nil),
    ] as [(String, String, String, String?, String?)])
  func addresses(app: String, stream: String, tcURL: String, name: String?, key: String?) {
    let target = RTMPTarget(app: app, stream: stream, tcURL: tcURL)
    #expect(target.name?.path == name && target.key == key)
    #expect(!target.asked.contains("key"))
  }

  @Test("URLs split where RTMP splits them and never show their key")
  func urls() throws {
    let url = try RTMPURL("rtmp://[::1]:1936/live/x/cam?key=secret")
    #expect(url.host == "::1" && url.port == 1936 && url.app == "live/x" && url.stream == "cam?key=secret")
    #expect(url.description == "rtmp://[::1]:1936/live/x/cam")
    for wrong in ["http://h/a/b", "rtmp://h", "rtmp://h:99999/a/b", "rtmp:///a/b", "rtmp://h/a/"] {
      #expect(throws: Fault.self) { try RTMPURL(wrong) }
    }
  }
}

extension Array {
  func chunked(_ count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min(self.count, $0 + count)] }
  }
}

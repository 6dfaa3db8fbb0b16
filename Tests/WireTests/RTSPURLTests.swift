import FirstFrameTesting
import Model
import Testing
import Wire

@Suite("RTSP addresses")
struct RTSPURLTests {
  @Test("every part of an address, percent-encoding taken off user and password only")
  func parts() throws {
    let url = try #require(RTSPURL("RTSP://admin:p%40ss%3Aw@10.0.0.7:8554/Streaming/Channels/101?transport=tcp&key=%E9%92%A5"))
    #expect(url.scheme == "rtsp")
    #expect(url.user == "admin")
    #expect(url.password == "p@ss:w")
    #expect(url.host == "10.0.0.7")
    #expect(url.port == 8554)
    #expect(url.path == "/Streaming/Channels/101")
    #expect(url.streamName?.path == "Streaming/Channels/101")
    #expect(url.queryValue("key") == "钥")
    #expect(url.queryValue("none") == nil)
    #expect(url.text == "rtsp://10.0.0.7:8554/Streaming/Channels/101?transport=tcp&key=%E9%92%A5")
  }

  @Test("a password typed with `@` and without encoding, an IPv6 host, no port, no path")
  func habits() throws {
    let typed = try #require(RTSPURL("rtsp://admin:a@b#1@cam.local/cam/realmonitor?channel=1&subtype=0"))
    #expect(typed.password == "a@b#1")
    #expect(typed.host == "cam.local")
    #expect(typed.port == 554)
    #expect(typed.explicitPort == nil)
    let six = try #require(RTSPURL("rtsp://[fe80::1]:8554/live/cam1"))
    #expect(six.host == "fe80::1")
    #expect(six.text == "rtsp://[fe80::1]:8554/live/cam1")
    let bare = try #require(RTSPURL("rtsps://h"))
    #expect(bare.path.isEmpty)
    #expect(bare.streamName == nil)
    #expect(bare.text == "rtsps://h")
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", "*", "rtsp://", "rtsp:///x", "http://h/x", "rtsp://h:0/x", "rtsp://h:65536/x", "rtsp://h:x/", "rtsp://[::1/x", "rtsp://a b/x",
    ])
  func refused(text: String) { #expect(RTSPURL(text) == nil) }

  @Test("our own streams' addresses carry any script and come back")
  func ours() throws {
    let name = try #require(StreamName("县/live/机位1"))
    let url = RTSPURL(host: "127.0.0.1", port: 8554, stream: name)
    #expect(url.text == "rtsp://127.0.0.1:8554/%E5%8E%BF/live/%E6%9C%BA%E4%BD%8D1")
    #expect(RTSPURL(url.text)?.streamName == name)
  }

  @Test(
    "a control attribute becomes the address every client in the field uses",
    arguments: [
      ("trackID=1", "rtsp://h/live/cam1", "rtsp://h/live/cam1/trackID=1"),
      ("trackID=1", "rtsp://h/live/cam1/", "rtsp://h/live/cam1/trackID=1"),
      ("/trackID=1", "rtsp://h/live/cam1/", "rtsp://h/live/cam1/trackID=1"), ("*", "rtsp://h/live/cam1/", "rtsp://h/live/cam1/"),
      ("", "rtsp://h/a", "rtsp://h/a"), ("rtsp://other/x/trackID=2", "rtsp://h/a", "rtsp://other/x/trackID=2"),
      ("trackID=0", "rtsp://h/cam/realmonitor?channel=1&subtype=0", "rtsp://h/cam/realmonitor?channel=1&subtype=0/trackID=0"),
    ])
  func resolve(control: String, base: String, expected: String) { #expect(RTSPControl.resolve(control, base: base) == expected) }

  @Test(
    "the track's suffix is found behind the path and behind the query",
    arguments: [
      ("rtsp://h/live/cam1/trackID=3", "rtsp://h/live/cam1", 3), ("rtsp://h/live/cam1/streamid=0?key=k", "rtsp://h/live/cam1?key=k", 0),
      ("rtsp://h/live/cam1?key=k/trackID=1", "rtsp://h/live/cam1?key=k", 1),
      ("rtsp://h/live/cam1?key=k//TRACKID=1/", "rtsp://h/live/cam1?key=k/", 1),
      ("rtsp://h/live/cam1/stream=2", "rtsp://h/live/cam1", 2), ("rtsp://h/live/cam1", "rtsp://h/live/cam1", nil),
      ("rtsp://h/live/trackID=256", "rtsp://h/live/trackID=256", nil), ("rtsp://h/live/trackID=x", "rtsp://h/live/trackID=x", nil),
    ] as [(String, String, Int?)])
  func suffix(address: String, aggregate: String, track: Int?) throws {
    let split = RTSPControl.split(try #require(RTSPURL(address)))
    #expect(split.aggregate.text == aggregate)
    #expect(split.track == track)
  }

  @Test("a SETUP's address finds its media by control, whatever host the device believes in")
  func media() throws {
    let base = try #require(RTSPURL("rtsp://127.0.0.1:8554/live/cam1?key=k"))
    func media(_ address: String, _ controls: [String?]) throws -> Int? {
      RTSPControl.media(of: try #require(RTSPURL(address)), base: base, controls: controls)
    }
    #expect(try media("rtsp://127.0.0.1:8554/live/cam1?key=k/streamid=1", ["streamid=0", "streamid=1"]) == 1)
    #expect(try media("rtsp://10.1.1.1/live/cam1/streamid=1?key=k", ["streamid=0", "streamid=1"]) == 1)
    #expect(try media("rtsp://10.1.1.1/live/cam1?key=k/video", ["audio", "video"]) == 1)
    #expect(
      try media(
        "rtsp://10.1.1.1/live/cam1?key=k/track2",
        ["rtsp://192.168.1.9/live/cam1?key=k/track1", "rtsp://192.168.1.9/live/cam1?key=k/track2"]) == 1)
    #expect(try media("rtsp://127.0.0.1/live/cam1", [nil]) == 0)
    #expect(try media("rtsp://127.0.0.1/live/cam1", [nil, nil]) == nil)
    #expect(try media("rtsp://127.0.0.1/live/cam2/streamid=0", ["streamid=0"]) == nil)
    #expect(try media("rtsp://127.0.0.1/live/cam1/streamid=7", ["streamid=0"]) == nil)
  }

  @Test("4000 mutants of addresses: no trap; what is read is written and read as the same")
  func fuzz() {
    let samples = [
      "rtsp://admin:p%40ss@10.0.0.7:8554/Streaming/Channels/101?transport=tcp&key=%E9%92%A5",
      "rtsp://[fe80::1]:8554/live/cam1?key=k/trackID=1",
      "rtsp://h/live/机位1/streamid=0",
    ].map { Array($0.utf8) }
    var mutator = Mutator(seed: 37)
    var read = 0
    for round in 0..<4000 {
      let text = String(decoding: mutator.mutate(samples[round % samples.count], with: samples[(round + 1) % samples.count]), as: UTF8.self)
      guard let url = RTSPURL(text) else { continue }
      read += 1
      #expect(RTSPURL(url.text)?.text == url.text)
      _ = url.queryValue("key")
      _ = RTSPControl.split(url)
      _ = RTSPControl.media(of: url, base: url, controls: [text, "trackID=1", nil])
    }
    #expect(read > 2000)
  }
}

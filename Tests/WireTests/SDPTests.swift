import FirstFrameTesting
import Model
import Testing
import Wire

@Suite("SDP")
struct SDPTests {
  private func parse(_ text: String) throws -> SessionDescription { try SessionDescription(parsing: text.utf8) }
  private func corpus(_ name: String) throws -> SessionDescription {
    try SessionDescription(parsing: RTSPCorpus.bytes("sdp", name))
  }

  @Test("ffmpeg's H.264 and AAC: parameter sets, config, clock rates, lengths, controls")
  func ffmpeg() throws {
    let tracks = try corpus("ffmpeg-h264-aac-tcp.sdp").tracks()
    #expect(tracks.map(\.media) == [0, 1])
    let (video, audio) = (tracks[0], tracks[1])
    #expect(video.track.codec == .h264)
    #expect(video.track.index == 0)
    #expect(video.track.clockRate == 90_000)
    guard case .h264(let sps, let pps)? = video.track.parameters else {
      Issue.record("no parameter sets")
      return
    }
    // base64 of the sprop, by python.
    #expect(sps == [[0x67, 0x42, 0xC0, 0x0B, 0xDA, 0x0A, 0x11, 0xF9, 0x70, 0x11, 0, 0, 3, 0, 1, 0, 0, 3, 0, 0x32, 0x8F, 0x14, 0x2A, 0xA0]])
    #expect(pps == [[0x68, 0xCE, 0x0F, 0xC8]])
    #expect(video.track.width == 160)
    #expect(video.track.height == 120)
    #expect(video.payload.payloadType == 96)
    #expect(video.payload.packetizationMode == 1)
    #expect(video.payload.control == "streamid=0")
    #expect(video.payload.unitIDExtension == nil)
    #expect(audio.track.codec == .aac)
    #expect(audio.track.clockRate == 44_100)
    #expect(audio.track.channels == 2)
    #expect(audio.track.parameters == .aac(audioSpecificConfig: [0x12, 0x10, 0x56, 0xE5, 0x00]))
    #expect(audio.payload.payloadType == 97)
    #expect(audio.payload.format == RTPPayloadFormat(payloadType: 97, sizeLength: 13, indexLength: 3, indexDeltaLength: 3))
  }

  @Test("ffmpeg's H.265, Opus in one and two channels, G.711 by static type and by rtpmap")
  func otherCodecs() throws {
    let hevc = try #require(try corpus("ffmpeg-h265.sdp").tracks().first)
    guard case .h265(let vps, let sps, let pps)? = hevc.track.parameters else {
      Issue.record("no parameter sets")
      return
    }
    #expect([vps, sps, pps].map(\.count) == [1, 1, 1])
    #expect(vps[0].starts(with: [0x40, 0x01, 0x0C]) && sps[0].starts(with: [0x42, 0x01, 0x01]) && pps[0].starts(with: [0x44, 0x01]))
    #expect(hevc.track.width == 160)
    let stereo = try #require(try corpus("ffmpeg-opus.sdp").tracks().first)
    #expect(stereo.track.parameters == .opus(channels: 2))
    #expect(stereo.track.clockRate == 48_000)
    #expect(try corpus("ffmpeg-opus-mono.sdp").tracks().first?.track.channels == 1)
    let alaw = try #require(try corpus("ffmpeg-pcma.sdp").tracks().first)
    #expect(alaw.track.codec == .pcma)
    #expect(alaw.payload.payloadType == 8)
    #expect(alaw.track.clockRate == 8000)
    let mulaw = try #require(try corpus("ffmpeg-pcmu-16k-stereo.sdp").tracks().first)
    #expect(mulaw.track.parameters == .g711(channels: 2))
    #expect(mulaw.track.clockRate == 16_000)
  }

  @Test("a codec that is not carried is passed over, and the media's position is kept; none left is a fault that names the offer")
  func unsupported() throws {
    let tracks = try corpus("ffmpeg-h264-mp2.sdp").tracks()
    #expect(tracks.map(\.track.codec) == [.h264])
    let swapped = try parse(
      "v=0\nm=audio 0 RTP/AVP 14\nm=application 0 RTP/AVP 107\na=rtpmap:107 vnd.onvif.metadata/90000\nm=audio 0 RTP/AVP 0\n")
    #expect(try swapped.tracks().map(\.media) == [2])
    #expect(try swapped.tracks().map(\.track.index) == [0])
    let mpeg4 = try corpus("ffmpeg-mpeg4.sdp")
    #expect(throws: Fault(.codecUnsupported, "video MP4V-ES")) { try mpeg4.tracks() }
    #expect(throws: Fault(.codecUnsupported, "no media")) { try parse("v=0\n").tracks() }
  }

  @Test("what cameras do: names in any case, start codes and zeros around sets, no padding, several payload types, attributes by session")
  func cameras() throws {
    let description = try parse(
      """
      v=0\r
      s=机位\r
      b=AS:5100\r
      a=control:rtsp://192.168.1.64/Streaming/Channels/101/\r
      a=extmap:4 urn:firstframe:params:unit-id\r
      m=video 0 RTP/AVP 112 96\r
      b=AS:5000\r
      a=rtpmap:112 VP8/90000\r
      a=rtpmap:96  h264/90000\r
      a=fmtp:96 Packetization-Mode=1;SPROP-parameter-sets=AAAAAWdCwAvaChH5cBEAAAMAAQAAAwAyjxQqoAA,aM4PyA;profile-level-id=42C00B\r
      a=framerate:29.97\r
      a=recvonly\r
      a=control:trackID=1\r
      m=audio 0 RTP/AVP 97\r
      a=rtpmap:97 mpeg4-generic/16000\r
      a=fmtp:97 streamtype=5; mode=AAC-hbr; config=1408\r
      """)
    let tracks = try description.tracks()
    let video = try #require(tracks.first)
    #expect(video.payload.payloadType == 96)
    #expect(video.payload.unitIDExtension == 4)
    guard case .h264(let sps, let pps)? = video.track.parameters else {
      Issue.record("no parameter sets")
      return
    }
    #expect(sps[0].first == 0x67 && sps[0].last == 0xA0 && pps[0] == [0x68, 0xCE, 0x0F, 0xC8])
    #expect(description.media[0].direction == .recvonly)
    #expect(description.media[0].bandwidthKilobits == 5000)
    #expect(description.bandwidthKilobits == 5100)
    #expect(description.media[0].frameRateMilli == 29_970)
    #expect(description.control == "rtsp://192.168.1.64/Streaming/Channels/101/")
    let audio = try #require(tracks.last)
    #expect(audio.track.channels == 1)
    #expect(audio.payload.format.sizeLength == 13)
    #expect(audio.payload.control == nil)
  }

  @Test(
    "what cannot be depacketised is not taken",
    arguments: [
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=2",
      "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/44100/2",
      "m=audio 0 RTP/AVP 97\na=rtpmap:97 MPEG4-GENERIC/44100/2\na=fmtp:97 config=zz", "m=audio 0 RTP/AVP 96\na=rtpmap:96 H264/90000",
      "m=audio 0 RTP/AVP 96\na=rtpmap:96 PCMA/0", "m=audio 0 RTP/AVP 96\na=rtpmap:96 PCMA", "m=video 0 RTP/AVP x",
      "m=video 0 RTP/AVP 96\na=rtpmap:96 /90000",
    ])
  func refused(text: String) { #expect(throws: Fault.self) { try parse("v=0\n" + text + "\n").tracks() } }

  @Test("H.264 without sprop has no parameters yet, and with an SPS alone neither")
  func withoutSets() throws {
    for fmtp in ["", "a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAC9oKEflwEQAAAwABAAADADKPFCqg\n"] {
      let track = try #require(try parse("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n" + fmtp).tracks().first)
      #expect(track.track.parameters == nil)
    }
  }

  @Test(
    "a device's way to write H.264 is read: case, dots, spaces, no clock rate, sets in any order and place, the only format's parameters",
    arguments: [
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=<P>,<S>",
      "M=Video 0 rtp/avp 96\nA=RTPMAP:96 h264/90000\nA=FMTP:96 SPROP-PARAMETER-SETS=<S>,<P>",
      "m = video 0 RTP/AVP 96\na = rtpmap : 96\tH.264 / 90000 \na = fmtp : 96  packetization-mode = 1 ; sprop-parameter-sets = <S> , <P> ;",
      "m=video 0 RTP/AVP 96\na=rtpmap:96 AVC\na=fmtp:96 ;; sprop-parameter-sets=\"<S>,<P>\"",
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/0\na=fmtp:96 sprop-sps=<S>;sprop-pps=<P>",
      "m=video 0 RTP/AVP 96\na=fmtp:97 sprop-parameter-sets=<S>,<P>;packetization-mode=1\na=rtpmap:96 H264/90000",
      "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1\na=fmtp:96 sprop-parameter-sets=!!,<S>,,<P>,<S>",
    ])
  func oddities(text: String) throws {
    let text = text.replacing("<S>", with: "Z0LAC9oKEflwEQAAAwABAAADADKPFCqg").replacing("<P>", with: "aM4PyA")
    let track = try #require(try parse("v=0\n" + text + "\n").tracks().first)
    #expect(track.track.codec == .h264 && track.track.clockRate == 90_000 && track.track.width == 160)
    guard case .h264(let sps, let pps)? = track.track.parameters else {
      Issue.record("no parameter sets")
      return
    }
    #expect(sps.map(\.count) == [24] && pps == [[0x68, 0xCE, 0x0F, 0xC8]])
  }

  @Test("H.265's sets in any order and parameter; G.711 by the name that devices give it; letters of the other base64")
  func otherOddities() throws {
    let lines = String(decoding: try RTSPCorpus.bytes("sdp", "ffmpeg-h265.sdp"), as: UTF8.self)
    let own = try #require(try corpus("ffmpeg-h265.sdp").tracks().first)
    let fmtp = try #require(lines.split(whereSeparator: \.isNewline).first { $0.hasPrefix("a=fmtp:96") })
    let sets = fmtp.dropFirst(9).split(separator: ";").map { $0.drop { $0 != "=" }.dropFirst() }
    let joined = sets.reversed().joined(separator: ",").replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    let odd = try #require(
      try parse("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 hevc/90000\na=fmtp:96 sprop-parameter-sets=" + joined + "\n").tracks().first)
    #expect(odd.track.codec == .h265 && odd.track.parameters == own.track.parameters)
    #expect(try parse("v=0\nm=audio 0 RTP/AVP 97\na=rtpmap:97 g711a/8000/1\n").tracks().first?.track.codec == .pcma)
  }

  @Test("an m= line that cannot be read is a media that carries nothing, and what follows it is not the one's before")
  func brokenMedia() throws {
    let tracks = try parse("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:1\nm=application\na=control:2\nm=audio 0 RTP/AVP 8\n")
      .tracks()
    #expect(tracks.map(\.media) == [0, 2] && tracks.map(\.payload.control) == ["1", nil])
  }

  @Test(
    "ways back and switched-off sound: by the client's view of ONVIF, and by the device's own, which its pictures show",
    arguments: [
      ("vr ar as", [2], [2]), ("v ar as", [2], [2]), ("vs as ar", [2], [2]), ("v as", [1], [1]), ("as v", [0], [0]), ("vs as", [], []),
      ("vs vs as", [], []), ("v a", [], []), ("v ai", [], [1]), ("as", [], []), ("ar as", [1], [1]), ("as as", [], []), ("ai", [], []),
      ("S v a", [], []), ("R v as", [1], [1]), ("v ab", [], []),
    ] as [(String, [Int], [Int])])
  func backChannels(sections: String, back: [Int], without: [Int]) throws {
    let directions: [Character: String] = ["r": "recvonly", "s": "sendonly", "i": "inactive", "b": "SendRecv", "R": "recvonly", "S": "sendonly"]
    var text = "v=0\n"
    for section in sections.split(separator: " ") {
      if section.first == "v" { text += "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n" }
      if section.first == "a" { text += "m=audio 0 RTP/AVP 8\n" }
      if let direction = section.last.flatMap({ directions[$0] }) { text += "a=\(direction)\n" }
    }
    let description = try parse(text)
    #expect(description.backChannels.map(\.media) == back)
    #expect(description.withoutMedia == Set(without))
    #expect(try !description.tracks(leavingOut: description.withoutMedia).isEmpty)
  }

  @Test("what is no description, or has too much of it, is refused")
  func malformed() {
    for text in [
      "", "hello", "a=control:*\n", "m=video 0\n", String(repeating: "m=audio 0 RTP/AVP 0\n", count: 33),
      String(repeating: "a=x\n", count: 1025),
    ] {
      #expect(throws: Fault.self) { try parse(text) }
    }
  }

  @Test("what we write for every codec is read back the same, with the unit id's extension and the origin")
  func builder() throws {
    let sps: [UInt8] = [
      0x67, 0x42, 0xC0, 0x0B, 0xDA, 0x0A, 0x11, 0xF9, 0x70, 0x11, 0, 0, 3, 0, 1, 0, 0, 3, 0, 0x32, 0x8F, 0x14, 0x2A, 0xA0,
    ]
    let hevc = try #require(try corpus("ffmpeg-h265.sdp").tracks().first?.track.parameters)
    var tracks = [
      Track(
        index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [sps], pps: [[0x68, 0xCE, 0x0F, 0xC8]]),
        nominalFrameRateMilli: 29_970),
      Track(index: 1, codec: .h265, clockRate: 90_000, parameters: hevc),
      Track(index: 2, codec: .aac, clockRate: 44_100, parameters: .aac(audioSpecificConfig: [0x12, 0x10]), channels: 2),
      Track(index: 3, codec: .opus, clockRate: 48_000, parameters: .opus(channels: 2), channels: 2),
      Track(index: 4, codec: .pcma, clockRate: 8000, parameters: .g711(channels: 1), channels: 1),
      Track(index: 5, codec: .pcmu, clockRate: 16_000, parameters: .g711(channels: 2), channels: 2),
      Track(index: 6, codec: .h264, clockRate: 90_000),
    ]
    for index in tracks.indices { tracks[index].fillFromParameters() }
    let sent = tracks.map { SDPTrack(sending: $0, toNode: true) }
    #expect(sent.map(\.payload.payloadType) == [96, 97, 98, 99, 8, 101, 102])
    let path = try #require(StreamName("县/live/机位1"))
    let text = SDPBuilder.text(sent, name: "live/cam1", id: 7, origin: UnitOrigin(node: "county1", path: path))
    let read = try parse(text)
    #expect(try read.tracks() == sent)
    #expect(read.origin == UnitOrigin(node: "county1", path: path))
    #expect(read.name == "live/cam1")
    #expect(read.control == "*")
    #expect(text.contains("a=x-firstframe-origin:county1 %E5%8E%BF/live/%E6%9C%BA%E4%BD%8D1\r\n"))
    #expect(text.contains(";profile-level-id=42C00B\r\n"))
    #expect(text.contains("a=framerate:25\r\n"))
    #expect(!SDPBuilder.text(sent.prefix(1).map { SDPTrack(sending: $0.track) }, name: "x", id: 1).contains("firstframe"))
  }

  @Test("from RTMP's 1000 ticks a second, tracks are sent at their RTP clock")
  func canonicalClocks() {
    func rate(_ track: Track) -> Int32 { RTPPayloadDescription.canonical(for: track).clockRate }
    #expect(rate(Track(index: 0, codec: .h265, clockRate: 1000)) == 90_000)
    #expect(rate(Track(index: 1, codec: .aac, clockRate: 1000, parameters: .aac(audioSpecificConfig: [0x12, 0x10]))) == 44_100)
    #expect(rate(Track(index: 1, codec: .pcma, clockRate: 1000)) == 8000)
  }

  @Test("4000 mutants of real descriptions: no trap, and tracks that are read can be sent and read again")
  func fuzz() throws {
    let samples = try RTSPCorpus.names("sdp").map { try RTSPCorpus.bytes("sdp", $0) }
    var mutator = Mutator(seed: 41)
    var read = 0
    for round in 0..<4000 {
      let mutant = mutator.mutate(samples[round % samples.count], with: samples[(round + 1) % samples.count])
      guard let tracks = try? SessionDescription(parsing: mutant).tracks() else { continue }
      read += 1
      let text = SDPBuilder.text(tracks.map { SDPTrack(sending: $0.track, toNode: true) }, name: "x", id: 1)
      #expect(try parse(text).tracks().map(\.track.codec) == tracks.map(\.track.codec))
    }
    #expect(read > 1500)
  }
}

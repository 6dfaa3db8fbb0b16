import FirstFrameTesting
import Model
import Testing
import Wire

@Suite("RTSP's headers of their own grammar")
struct RTSPTransportTests {
  @Test("every alternative of a Transport header is read, in order")
  func alternatives() {
    let all = RTSPTransport.parse(
      "RTP/AVP;multicast;client_port=5000-5001, RTP/AVP/TCP;unicast;interleaved=2-3;mode=\"RECORD\" ,rtp/avp/udp; unicast; client_port=7000;"
        + "ssrc=00AbCdEf;mode=play;source=10.0.0.1;x=1,nonsense,RTP/SAVP/TCP;interleaved=0-1")
    #expect(all.count == 4)
    #expect(all.map(\.isSupported) == [false, true, true, false])
    #expect(all[1] == .tcp(channels: RTSPTransport.Channels(rtp: 2, rtcp: 3), mode: .record))
    #expect(all[2].lowerTransport == .udp)
    #expect(all[2].clientPorts == RTSPTransport.Ports(rtp: 7000, rtcp: 7001))
    #expect(all[2].ssrc == 0x00AB_CDEF)
    #expect(all[2].mode == .play)
    #expect(all[2].source == "10.0.0.1")
    #expect(all[3].profile == "RTP/SAVP")
  }

  @Test(
    "modes with and without quotes, in any case, QuickTime's receive, and several in one",
    arguments: [
      ("record", RTSPTransport.Mode.record), ("\"RECORD\"", .record), ("receive", .record), ("Play", .play), ("\"PLAY,RECORD\"", .play),
    ])
  func modes(text: String, mode: RTSPTransport.Mode) {
    #expect(RTSPTransport.parse("RTP/AVP;unicast;mode=\(text);client_port=1-2").first?.mode == mode)
  }

  @Test("numbers out of range leave their field empty")
  func numbers() {
    let all = RTSPTransport.parse(
      "RTP/AVP;client_port=65536-1,RTP/AVP/TCP;interleaved=256-257,RTP/AVP/TCP;interleaved=255,RTP/AVP/TCP;interleaved=a-b,RTP/AVP;ssrc=123456789"
    )
    #expect(all.count == 5)
    #expect(all.allSatisfy { $0.clientPorts == nil && $0.interleaved == nil && $0.ssrc == nil })
  }

  @Test("what is built reads back the same")
  func built() {
    var udp = RTSPTransport.udp(
      clientPorts: RTSPTransport.Ports(rtp: 5000, rtcp: 5001), serverPorts: RTSPTransport.Ports(rtp: 6000, rtcp: 6001), mode: .play)
    udp.ssrc = 0xBEEF
    #expect(udp.text == "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=0000BEEF;mode=play")
    #expect(RTSPTransport.parse(udp.text) == [udp])
    let tcp = RTSPTransport.tcp(channels: RTSPTransport.Channels(rtp: 4, rtcp: 5), mode: .record)
    #expect(tcp.text == "RTP/AVP/TCP;unicast;interleaved=4-5;mode=record")
    #expect(RTSPTransport.parse(tcp.text) == [tcp])
  }

  @Test("Session: id and timeout, both ways")
  func session() {
    #expect(RTSPSessionHeader("12345678;timeout=60") == RTSPSessionHeader(id: "12345678", timeoutSeconds: 60))
    #expect(RTSPSessionHeader(" abc ; TimeOut = 0") == RTSPSessionHeader(id: "abc"))
    #expect(RTSPSessionHeader("") == nil)
    #expect(RTSPSessionHeader(id: "7", timeoutSeconds: 30).text == "7;timeout=30")
  }

  @Test("RTP-Info: entries, and an address with a comma in it")
  func information() {
    let entries = RTPInfo.parse("url=rtsp://h/a,b/trackID=0;seq=45102;rtptime=12345678,url=rtsp://h/trackID=1;seq=70000")
    #expect(
      entries == [
        RTPInfo(url: "rtsp://h/a,b/trackID=0", sequenceNumber: 45_102, timestamp: 12_345_678), RTPInfo(url: "rtsp://h/trackID=1"),
      ])
    #expect(RTPInfo.parse(RTPInfo.text(entries)) == entries)
    #expect(RTPInfo.parse("seq=1;rtptime=2").isEmpty)
  }

  @Test("Range: now, play time in seconds and in hours, wall clock; SMPTE and nonsense are none")
  func range() throws {
    #expect(RTSPRange("npt=now-") == .now)
    #expect(RTSPRange("npt=0.000-") == .normalPlayTime(start: .zero, end: nil))
    #expect(RTSPRange("npt=-20") == .normalPlayTime(start: .zero, end: .seconds(20)))
    #expect(
      RTSPRange("npt=1:02:03.5-12.25;time=x") == .normalPlayTime(start: Nanoseconds(3_723_500_000_000), end: Nanoseconds(12_250_000_000)))
    let clock = try #require(RTSPRange("clock=20261122T103746.25Z-"))
    #expect(clock == .clock(start: try #require(WallTime("2026-11-22T10:37:46.25Z")), end: nil))
    #expect(RTSPRange(clock.text) == clock)
    for text in ["smpte=0:10:20-", "npt=", "npt=a-b", "npt=1:2-", "clock=2026-", "npt=99999999999999999999-", "npt=1-2-3"] {
      #expect(RTSPRange(text) == nil)
    }
    #expect(RTSPRange.normalPlayTime(start: Nanoseconds(1_500_000_000), end: .seconds(2)).text == "npt=1.500-2.000")
  }

  @Test("4000 mutants of each of these headers: no trap, and what is read can be written and read again")
  func fuzz() {
    let samples = [
      "RTP/AVP/TCP;unicast;interleaved=0-1;mode=\"RECORD\",RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=0000BEEF",
      "12345678;timeout=60", "url=rtsp://h/a,b/trackID=0;seq=45102;rtptime=12345678,url=rtsp://h/trackID=1", "npt=1:02:03.5-12.25",
      "clock=20261122T103746.25Z-20261122T103747Z",
      "Digest username=\"c\\\"am\", realm=\"R\", nonce=\"n\", uri=\"rtsp://h/x\", response=\"6629fae49393a05397450978507c4ef1\", qop=auth, nc=00000001",
      "Digest realm=\"R\", nonce=\"n\", qop=\"auth,auth-int\", Basic realm=\"R\"", "Basic Y2FtOnNlOmNyZXRAMQ==",
    ].map { Array($0.utf8) }
    var mutator = Mutator(seed: 31)
    var read = 0
    for round in 0..<4000 {
      let text = String(decoding: mutator.mutate(samples[round % samples.count], with: samples[(round + 1) % samples.count]), as: UTF8.self)
      for transport in RTSPTransport.parse(text) {
        read += 1
        #expect(RTSPTransport.parse(transport.text).first?.interleaved == transport.interleaved)
      }
      if let session = RTSPSessionHeader(text) { #expect(RTSPSessionHeader(session.text)?.timeoutSeconds == session.timeoutSeconds) }
      if let range = RTSPRange(text) {
        read += 1
        #expect(RTSPRange(range.text) != nil)
      }
      _ = RTPInfo.parse(text)
      if case .digest(let fields) = RTSPCredentials(authorization: text) {
        read += 1
        let again = DigestCredentials(fields.text)
        #expect(again?.user == fields.user && again?.realm == fields.realm && again?.nonce == fields.nonce)
        #expect(again?.uri == fields.uri && again?.response == fields.response)
      }
    }
    #expect(read > 1500)
  }
}

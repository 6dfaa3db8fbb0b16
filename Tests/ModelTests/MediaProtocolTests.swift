import Model
import Testing

@Suite("What a protocol can do is said by the protocol")
struct MediaProtocolTests {
  @Test("each protocol's name, measuring method and capabilities are these")
  func capabilities() {
    let said = MediaProtocol.allCases.map { "\($0.rawValue) \($0.method.rawValue) rtp:\($0.carriesRTP) order:\($0.keepsPacketOrder)" }
    #expect(
      said == [
        "rtsp/tcp tcp rtp:true order:true",
        "rtsp/udp rtp rtp:true order:false",
        "rtmp tcp rtp:false order:true",
      ])
  }
}

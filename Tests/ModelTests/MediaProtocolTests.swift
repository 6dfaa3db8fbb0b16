import Model
import Testing

@Suite("What a protocol can do is said by the protocol")
struct MediaProtocolTests {
  @Test("each protocol's name, measuring method and capabilities are these")
  func capabilities() {
    let said = MediaProtocol.allCases.map { "\($0.rawValue) \($0.method.rawValue) order:\($0.keepsPacketOrder)" }
    #expect(
      said == [
        "rtsp/tcp tcp order:true",
        "rtsp/udp rtp order:false",
        "rtmp tcp order:true",
      ])
  }
}

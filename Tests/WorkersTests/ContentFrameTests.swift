import FirstFrameTesting
import Model
import NIOCore
import Testing

@testable import Workers

@Suite("Look and listen on the worker socket") struct ContentFrameTests {
  private static let units = [[1, 2, 3], [], [4, 5]].map { ByteBuffer(bytes: $0) }
  private static let look = LookRequest(id: 7, codec: .h265, units: units, order: [0, 2, 1])
  private static let listen = ListenRequest(
    id: 8, codec: .aac, clockRate: 48_000, channels: 2, config: [0x11, 0x90], units: units, times: [0, 21_333_333, 42_666_666], preroll: 1)
  private static let seen = LookResult(
    ok: true, reason: "",
    looks: [
      FrameLook(position: 2, darkPerMille: 1000, variancePPM: 0, thumbnail: [UInt8](repeating: 3, count: 2304)),
      FrameLook(position: 1, darkPerMille: 0, variancePPM: 123_456, thumbnail: [UInt8](repeating: 9, count: 2304)),
    ], decodeNanoseconds: 12)
  private static let heard = ListenResult(
    ok: true, reason: "",
    sound: DecodedSound(peakMilliDecibel: -12_345, firstLoud: .milliseconds(3), lastLoud: nil, length: .milliseconds(64), cost: Nanoseconds(5)))

  @Test("requests and results come back as they were sent") func roundTrips() {
    #expect(LookRequest(Self.look.frame) == Self.look)
    #expect(ListenRequest(Self.listen.frame) == Self.listen)
    #expect(LookResult.read(Self.seen.frame(id: 4))?.result == Self.seen)
    #expect(LookResult.read(Self.seen.frame(id: 4))?.id == 4)
    #expect(ListenResult.read(Self.heard.frame(id: 5))?.result == Self.heard)
    #expect(ListenResult.read(ListenResult.failed("why").frame(id: 6))?.result.reason == "why")
  }

  @Test("one job is not taken for another") func apart() {
    #expect(DecodeRequest(Self.look.frame) == nil && ListenRequest(Self.look.frame) == nil)
    #expect(DecodeRequest(Self.listen.frame) == nil && LookRequest(Self.listen.frame) == nil)
    #expect(ListenResult.read(Self.seen.frame(id: 1)) == nil && LookResult.read(Self.heard.frame(id: 1)) == nil)
  }

  @Test("lengths that do not cover the bytes exactly are refused") func lengths() {
    func request(_ lengths: String, order: String = "[0,1]") -> WorkerFrame {
      WorkerFrame(.job, json: #"{"id":1,"work":"look","codec":"h264","units":\#(lengths),"order":\#(order)}"#, bytes: ByteBuffer(bytes: [1, 2, 3]))
    }
    #expect(LookRequest(request("[1,2]")) != nil)
    for order in ["[0,0]", "[1,2]", "[0]", "[0,1,2]", "[]", "3"] { #expect(LookRequest(request("[1,2]", order: order)) == nil) }
    for lengths in ["[1,1]", "[1,3]", "[-1,4]", "[]", "3", "[9223372036854775807]", "[3,\"x\"]"] { #expect(LookRequest(request(lengths)) == nil) }
  }

  @Test("mutants of all four never trap, and a result never has a thumbnail too few")
  func mutants() {
    var mutator = Mutator(seed: 11)
    for frame in [Self.look.frame, Self.listen.frame, Self.seen.frame(id: 1), Self.heard.frame(id: 1)] {
      let bytes = Array(frame.payload.readableBytesView)
      for _ in 0..<2000 {
        let payload = ByteBuffer(bytes: mutator.mutate(bytes))
        _ = LookRequest(WorkerFrame(.job, payload))
        _ = ListenRequest(WorkerFrame(.job, payload))
        _ = ListenResult.read(WorkerFrame(.result, payload))
        if let read = LookResult.read(WorkerFrame(.result, payload)) { #expect(read.result.looks.allSatisfy { $0.thumbnail.count == 2304 }) }
      }
    }
  }
}

import Model
import NIOCore
import Testing

@testable import RTSPGateway

@Suite("A slow uplink drops to the next key unit")
struct UnitGateTests {
  private func unit(_ number: UInt64, key: Bool = false, track: UInt8 = 0) throws -> AccessUnit {
    let path = try #require(StreamName("live/a"))
    return AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "n", path: path), epoch: 1, number: number), track: track,
      pts: MediaTime(value: 0, timescale: 90_000), firstArrival: BootTime(nanoseconds: 0), arrival: BootTime(nanoseconds: 0),
      flags: key ? [.key] : [], payload: ByteBuffer())
  }

  @Test("it begins with a key unit, and again after a lack of room")
  func keys() throws {
    var gate = UnitGate(keyTrack: 0)
    #expect(!gate.admits(try unit(1), hasRoom: true))
    #expect(!gate.admits(try unit(2, key: true, track: 1), hasRoom: true))
    #expect(gate.admits(try unit(3, key: true), hasRoom: true))
    #expect(gate.admits(try unit(4, track: 1), hasRoom: true))
    #expect(!gate.admits(try unit(5), hasRoom: false))
    #expect(!gate.admits(try unit(6), hasRoom: true))
    #expect(!gate.admits(try unit(7, key: true), hasRoom: false))
    #expect(gate.admits(try unit(8, key: true), hasRoom: true))
    #expect(gate.droppedUnits == 5 && gate.drops == 1)
  }

  @Test("sound alone may go on anywhere")
  func audioOnly() throws {
    var gate = UnitGate(keyTrack: nil)
    #expect(gate.admits(try unit(1), hasRoom: true))
    #expect(!gate.admits(try unit(2), hasRoom: false))
    #expect(gate.admits(try unit(3), hasRoom: true))
  }
}

import Foundation
import Journal
import Model
import Testing

@testable import Cascade
@testable import Command

@Suite("A province knows how far its counties' clocks lie from its own", .serialized)
struct LowerClockTests {
  private static let ahead: Int64 = 8_640_000_000_000_000

  @Test("the interval contains the truth, over the real link")
  func truth() async throws {
    let (lowerFolder, upperFolder) = (TwoCentres.folder(), TwoCentres.folder())
    defer { for folder in [lowerFolder, upperFolder] { try? FileManager.default.removeItem(atPath: folder) } }
    try FileManager.default.createDirectory(atPath: lowerFolder, withIntermediateDirectories: true)
    let province = try await Province(
      folder: upperFolder, clock: OwnClock(boot: "boot-p", ahead: Self.ahead), county: NodeIdentity.load(dataFolder: lowerFolder).publicKey)
    let county = try await County(
      folder: lowerFolder, clock: OwnClock(boot: "boot-c", ahead: 7), fingerprint: province.parts.identity.fingerprint, port: province.port,
      upper: nil)
    func interval() -> OffsetEstimator.Interval? { province.desk.clocks.distance(of: "deqing", at: province.parts.clock.bootTime()) }
    #expect(province.desk.clocks.distance(of: "anji", at: province.parts.clock.bootTime()) == nil)
    try #require(try await TwoCentres.eventually { (interval()?.samples ?? 0) >= 2 })
    let found = try #require(interval())
    #expect(found.low <= 7 - Self.ahead && 7 - Self.ahead <= found.high)
    await county.stop()
    await province.stop()
  }

  @Test("of a county that rebooted nothing is known until its new clock answered, and a clock that jumps is recorded as a step")
  func reboot() throws {
    let clocks = LowerClocks()
    let maker = try NodeIdentity.temporary()
    func party(_ boot: String) -> LinkHandshake.Party { LinkHandshake.Party(node: "deqing", boot: boot, key: maker.publicKey) }
    func second(_ number: Int64, ahead: Int64, boot: String) throws -> OffsetEstimator.Outcome? {
      let sent = number * 1_000_000_000
      clocks.sent(try Beacon(nonce: RandomHex.digits(32), at: BootTime(nanoseconds: sent), boot: "p", identity: maker))
      let beacon = ReceivedBeacon(sentNs: sent, arrivalNs: sent + 1_000_000 + ahead)
      return clocks.echoed(beacon, t1: sent + 2_000_000 + ahead, arrival: BootTime(nanoseconds: sent + 3_000_000), of: party(boot))
    }
    func distance(at seconds: Int64) -> OffsetEstimator.Interval? {
      clocks.distance(of: "deqing", at: BootTime(nanoseconds: seconds * 1_000_000_000))
    }
    #expect(try second(1, ahead: 0, boot: "a") == nil)
    clocks.linked(party("a"))
    #expect(try second(2, ahead: 864_000_000_000_000, boot: "a") == .agreed)
    #expect(distance(at: 2).map { $0.low <= 864_000_000_000_000 && $0.high >= 864_000_000_000_000 } == true)
    // The link alone came back: what was known is known still.
    clocks.linked(party("a"))
    #expect(distance(at: 3) != nil)
    clocks.linked(party("b"))
    #expect(distance(at: 4) == nil)
    #expect(try second(5, ahead: 30_000_000_000, boot: "b") == .agreed)
    #expect(distance(at: 5).map { $0.low <= 30_000_000_000 && $0.high >= 30_000_000_000 } == true)
    guard case .stepped(let low, let high)? = try second(6, ahead: 90_000_000_000, boot: "b") else {
      Issue.record("no step")
      return
    }
    #expect((low ?? .max) <= 60_000_000_000 && (high ?? .min) >= 60_000_000_000)
  }

  @Test("an echo of a beacon that was never sent moves nothing, one of a beacon that was does")
  func echo() async throws {
    let folder = TwoCentres.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let lower = try ScriptedLower()
    let province = try await Province(folder: folder, clock: OwnClock(boot: "boot-p", ahead: Self.ahead), county: lower.identity.publicKey)
    try await lower.dial(province.port, expecting: province.parts.identity.fingerprint)
    try #require(try await TwoCentres.eventually { lower.beacon != nil })
    let beacon = try #require(lower.beacon)
    func interval() -> OffsetEstimator.Interval? { province.desk.clocks.distance(of: "deqing", at: province.parts.clock.bootTime()) }
    let now = lower.clock.bootTime().nanoseconds
    lower.send(.timeRequest(t1: now, beacon: ReceivedBeacon(sentNs: beacon.nanoseconds - 1, arrivalNs: now)))
    try await lower.settle()
    #expect(interval() == nil)
    lower.send(.timeRequest(t1: now, beacon: ReceivedBeacon(sentNs: beacon.nanoseconds, arrivalNs: now)))
    try await lower.settle()
    let found = try #require(interval())
    #expect(found.low <= -Self.ahead && -Self.ahead <= found.high)
    // The same once more, whatever it says, is no second exchange.
    lower.send(.timeRequest(t1: now + 1, beacon: ReceivedBeacon(sentNs: beacon.nanoseconds, arrivalNs: now - 5_000_000_000)))
    try await lower.settle()
    #expect(interval()?.samples == 1)
    await province.stop()
  }
}

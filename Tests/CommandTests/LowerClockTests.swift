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
    lower.say(.timeRequest(t1: now, heard: HeardBeacon(sentNs: beacon.nanoseconds - 1, heardNs: now)))
    try await lower.settle()
    #expect(interval() == nil)
    lower.say(.timeRequest(t1: now, heard: HeardBeacon(sentNs: beacon.nanoseconds, heardNs: now)))
    try await lower.settle()
    let found = try #require(interval())
    #expect(found.low <= -Self.ahead && -Self.ahead <= found.high)
    await province.stop()
  }
}

import Foundation
import Hub
import Journal
import Measure
import Model
import Testing

@testable import Cascade
@testable import Command

@Suite("A county that lies to a province is caught by name, and what the province saw survives it", .serialized)
struct LyingCountyTests {
  private static let boot = "boot-p"
  private static func clock(_ boot: String = boot) -> OwnClock { OwnClock(boot: boot, ahead: 8_640_000_000_000_000) }

  private final class Scene {
    let folder = TwoCentres.folder()
    let lower: ScriptedLower
    var province: Province

    init() async throws {
      lower = try ScriptedLower()
      province = try await Province(folder: folder, clock: LyingCountyTests.clock(), county: lower.identity.publicKey)
      try await lower.dial(province.port, expecting: province.parts.identity.fingerprint)
      let lower = lower
      try #require(try await TwoCentres.eventually { lower.beacon != nil })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func opened(
      _ incident: String = "i1", hash: String = "b", beacon: Beacon?, epoch: UInt64 = 0, number: UInt64 = 0
    ) throws -> OpenedIncident {
      OpenedIncident(
        incident: incident, title: "演练", nonce: String(repeating: "a", count: 32), openedSHA256: String(repeating: hash, count: 64),
        beacon: beacon,
        devices: [
          OpenedIncident.Device(
            device: "solo01", stream: try #require(StreamName("live/solo01")), deviceClass: .soloKit, epoch: epoch, number: number)
        ])
    }

    /// A unit of the county's, as the province receives it.
    func receive(_ number: UInt64, epoch: UInt64 = 7, on publication: Publication? = nil, flags: AccessUnit.Flags = [.key, .clean]) async throws
      -> Publication
    {
      try await province.parts.publish(
        number, of: "deqing/live/solo01", on: publication, flags: flags,
        origin: UnitOrigin(node: "deqing", path: try #require(StreamName("live/solo01"))), epoch: epoch)
    }

    func announce(_ opened: OpenedIncident) async throws {
      lower.send(.opened(opened))
      try #require(try await TwoCentres.eventually { !province.parts.facts(FactKind.provinceHeard).isEmpty })
      try await lower.settle()
    }

    func receipts(_ count: Int) async throws -> [ReceiptDocument] {
      _ = try await TwoCentres.eventually { lower.receipts.count >= count }
      try await lower.settle()
      return lower.receipts
    }

    /// The province is gone and comes back, with another boot id when it was rebooted.
    func restart(boot: String = LyingCountyTests.boot, forgetting kinds: Set<String> = []) async throws {
      let port = province.port
      await province.stop()
      let facts = province.parts.facts.filter { !kinds.contains($0.kind) }
      province = try await Province(
        folder: folder, clock: LyingCountyTests.clock(boot), county: lower.identity.publicKey, port: port, past: facts)
      try await lower.dial(port, expecting: province.parts.identity.fingerprint)
    }
  }

  @Test("t1 rewritten after it was said: the first stands, the other is refused as `opened`")
  func rewritten() async throws {
    let scene = try await Scene()
    try await scene.announce(scene.opened(beacon: scene.lower.beacon))
    scene.lower.send(.opened(try scene.opened(hash: "c", beacon: scene.lower.beacon)))
    try await scene.lower.settle()
    #expect(try await TwoCentres.eventually { scene.province.parts.facts(FactKind.receiptRefused).map { $0["reason"] } == ["opened"] })
    _ = try await scene.receive(1)
    let receipt = try #require(try await scene.receipts(1).first)
    #expect(receipt.fields["openedSha256"]?.stringValue == String(repeating: "b", count: 64))
    await scene.province.stop()
  }

  @Test("A forged beacon, or one of another boot, proves nothing: countyClockOnly", arguments: ["forged", "otherBoot", "younger"])
  func beacons(lie: String) async throws {
    let scene = try await Scene()
    var beacon = try #require(scene.lower.beacon)
    switch lie {
    case "forged": beacon = try Beacon(nonce: beacon.nonce, at: BootTime(nanoseconds: beacon.nanoseconds), boot: beacon.boot, identity: .temporary())
    case "otherBoot": beacon.boot = "boot-q"
    default: beacon.nanoseconds += 60_000_000_000
    }
    try await scene.announce(scene.opened(beacon: beacon))
    _ = try await scene.receive(1)
    let receipt = try #require(try await scene.receipts(1).first)
    #expect(receipt.fields["grade"] == "countyClockOnly")
    #expect(receipt.fields["beaconNs"] == .null)
    await scene.province.stop()
  }

  @Test("A cached frame, a numbered-before frame and a backfilled one are refused by name; the next live one is the picture")
  func cached() async throws {
    let scene = try await Scene()
    // On the air before E1: the province holds its key frame in the cache.
    let publication = try await scene.receive(4)
    try await scene.announce(scene.opened(beacon: scene.lower.beacon, epoch: 7, number: 6))
    #expect(try await TwoCentres.eventually { scene.province.parts.facts(FactKind.pictureRefused).count == 1 })
    // Received after E1, but numbered before it: kept back by the county. Then a backfilled one.
    _ = try await scene.receive(5, on: publication)
    _ = try await scene.receive(9, on: publication, flags: [.key, .clean, .backfill])
    _ = try await scene.receive(10, on: publication)
    let receipt = try #require(try await scene.receipts(1).first)
    #expect(receipt.unit == "deqing/live/solo01@7#10")
    let refused = scene.province.parts.facts(FactKind.pictureRefused)
    #expect(refused.compactMap { $0["reason"]?.stringValue } == ["beforeReceived", "beforeReceived", "backfilled"])
    #expect(refused.compactMap { $0["unit"]?.stringValue?.split(separator: "#").last } == ["4", "5", "9"])
    await scene.province.stop()
  }

  @Test("A clock that stood still, or a t1 logged later than it was said, shows in the province's bracket")
  func late() async throws {
    let folder = TwoCentres.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let key = try NodeIdentity.load(dataFolder: folder).publicKey
    let province = try await Province(folder: folder + "/p", clock: LyingCountyTests.clock(), county: key)
    let county = try await County(
      folder: folder, clock: OwnClock(boot: "boot-c", ahead: 0), fingerprint: province.parts.identity.fingerprint, port: province.port,
      upper: province.upper)
    let opened = try await county.open()
    #expect(try await TwoCentres.eventually { !province.desk.incidents().isEmpty })
    // Five minutes pass for everybody but the county's clock.
    province.parts.clock.advance(300_000_000_000)
    let publication = try await county.parts.publish(1, of: "live/solo01", on: nil)
    #expect(try await county.shows(opened.id) { $0.province.grade != nil })
    let shown = try await county.desk.show(opened.id)
    #expect(shown.county.seconds.map { $0 < 60 } == true, "the county flatters itself")
    #expect(shown.province.provinceBracket.map { $0.lowerSeconds >= 300 } == true, "the province does not")
    #expect(shown.verdict == .undetermined)
    #expect(shown.reasons == [.bracketsDisagree])
    // The exchanges of timestamps contradict each other: told with its size.
    #expect(
      try await TwoCentres.eventually { county.parts.facts(FactKind.clockStep).contains { ($0["stepHighNs"]?.intValue ?? 0) >= 300_000_000_000 } })
    let step = try #require(county.parts.facts(FactKind.clockStep).first)
    #expect(step["what"] == "offset")
    #expect((step["stepLowNs"]?.intValue ?? .max) <= 300_000_000_000)
    // Half an hour of it is a fail, whatever the county's own figure says.
    let next = try await county.open("第二起")
    #expect(try await TwoCentres.eventually { province.desk.incidents().contains { $0.opened.incident == next.id } })
    province.parts.clock.advance(1_900_000_000_000)
    _ = try await county.parts.publish(2, of: "live/solo01", on: publication)
    #expect(try await county.shows(next.id) { $0.verdict == .fail && $0.reasons == [.late, .bracketsDisagree] })
    await county.stop()
    await province.stop()
  }

  @Test("A receipt is said until it is confirmed, and after that never again, restarts included")
  func confirmed() async throws {
    let scene = try await Scene()
    try await scene.announce(scene.opened(beacon: scene.lower.beacon))
    _ = try await scene.receive(1)
    let first = try #require(try await scene.receipts(1).first)
    try await scene.restart()
    let again = try await scene.receipts(2)
    #expect(again == [first, first])
    scene.lower.send(.receiptStored(sha256: first.sha256))
    #expect(try await TwoCentres.eventually { !scene.province.parts.facts(FactKind.receiptConfirmed).isEmpty })
    try await scene.restart()
    try await scene.lower.settle()
    #expect(scene.lower.receipts.count == 2)
    await scene.province.stop()
  }

  @Test(
    "A province that dies between its picture and its receipt signs when it is back, all times of the boot that saw it",
    arguments: ["boot-p", "boot-q"])
  func diedBetween(boot: String) async throws {
    let scene = try await Scene()
    try await scene.announce(scene.opened(beacon: scene.lower.beacon))
    _ = try await scene.receive(1)
    let first = try #require(try await scene.receipts(1).first)
    try await scene.restart(boot: boot, forgetting: [FactKind.receiptSent])
    let again = try #require(try await scene.receipts(2).last)
    #expect(again.fields == first.fields)
    #expect(again.fields["boot"] == "boot-p")
    await scene.province.stop()
  }

  @Test("A province that restarts before a picture goes on with the first E1; one that reboots can no longer time it")
  func restarts() async throws {
    let scene = try await Scene()
    let opened = try scene.opened(beacon: scene.lower.beacon)
    try await scene.announce(opened)
    let arrival = try #require(scene.province.parts.facts(FactKind.provinceHeard).first).bootTime.nanoseconds
    try await scene.restart()
    scene.lower.send(.opened(opened))
    try await scene.lower.settle()
    _ = try await scene.receive(1)
    let receipt = try #require(try await scene.receipts(1).first)
    #expect(receipt.fields["heardNs"] == .int(arrival))
    #expect(receipt.fields["grade"] == "decoded")
    let other = try scene.opened("i2", beacon: scene.lower.beacon)
    scene.lower.send(.opened(other))
    #expect(try await TwoCentres.eventually { scene.province.parts.facts(FactKind.provinceHeard).count == 2 })
    scene.lower.send(.receiptStored(sha256: receipt.sha256))
    try await scene.lower.settle()
    try await scene.restart(boot: "boot-q")
    scene.lower.send(.opened(other))
    try await scene.lower.settle()
    _ = try await scene.receive(2, epoch: 8)
    let second = try #require(try await scene.receipts(2).last { $0.incident == "i2" })
    #expect(second.fields["boot"] == "boot-q")
    #expect(second.fields["heardNs"] == .null && second.fields["beaconNs"] == .null && second.fields["grade"] == "countyClockOnly")
    await scene.province.stop()
  }

  @Test("A receipt that the county cannot take has the province look for another picture")
  func another() async throws {
    let scene = try await Scene()
    try await scene.announce(scene.opened(beacon: scene.lower.beacon))
    let publication = try await scene.receive(1)
    let first = try #require(try await scene.receipts(1).first)
    scene.lower.send(.receiptRefused(sha256: first.sha256, reason: "unit"))
    try await scene.lower.settle()
    _ = try await scene.receive(2, on: publication)
    #expect(try await scene.receipts(2).map(\.unit) == ["deqing/live/solo01@7#1", "deqing/live/solo01@7#2"])
    // Whoever names a receipt that was never said changes nothing.
    scene.lower.send(.receiptRefused(sha256: "00", reason: "unit"))
    try await scene.lower.settle()
    #expect(scene.province.parts.facts(FactKind.receiptRefused).count == 1)
    await scene.province.stop()
  }
}

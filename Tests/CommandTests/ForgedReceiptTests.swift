import Foundation
import Hub
import Journal
import Measure
import Model
import Testing

@testable import Cascade
@testable import Command

@Suite("A province that lies to a county is caught by name", .serialized)
struct ForgedReceiptTests {
  private static let hundredDays: Int64 = 8_640_000_000_000_000

  /// A real county that reports to a scripted province; one incident is open and one picture of it has left.
  private final class Scene {
    let folder = TwoCentres.folder()
    let upper: ScriptedUpper
    let county: County
    let port: Int
    var publication: Publication?
    var opened: OpenedIncident
    let arrival: Int64

    init(preopened: Bool = false) async throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let key = try NodeIdentity.load(dataFolder: folder).publicKey
      upper = try ScriptedUpper(county: key, clock: OwnClock(boot: "boot-p", ahead: ForgedReceiptTests.hundredDays))
      port = try await upper.start()
      county = try await County(
        folder: folder, clock: OwnClock(boot: "boot-c", ahead: 0), fingerprint: upper.identity.fingerprint, port: port, upper: nil)
      if preopened { publication = try await county.parts.publish(1, of: "live/solo01", on: nil) }
      let id = try await county.open().id
      let upper = upper
      try #require(try await TwoCentres.eventually { upper.opened.contains { $0.incident == id } })
      opened = try #require(upper.opened.first { $0.incident == id })
      arrival = upper.clock.bootTime().nanoseconds
      publication = try await county.parts.publish(2, of: "live/solo01", on: publication)
      let county = county
      try #require(try await TwoCentres.eventually { county.parts.facts(FactKind.keyframeSent).contains { $0["unit"] == .string(self.unit(2)) } })
      try #require(try await county.shows(id) { $0.county.seconds != nil })
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func unit(_ number: UInt64) -> String { "deqing/live/solo01@\(publication?.epoch ?? 0)#\(number)" }
    var receipt: ReceiptDocument { upper.receipt(opened, unit: unit(2), arrival: arrival) }

    /// Sends a receipt and waits until the county refused it; the reason that it gave, when its figures list it as the only refusal.
    func refusal(of receipt: ReceiptDocument, signedBy signer: NodeIdentity? = nil) async throws -> String? {
      try upper.send(receipt, signedBy: signer)
      let upper = upper
      _ = try await TwoCentres.eventually { upper.refusal(of: receipt) != nil || upper.isStored(receipt) }
      guard let reason = upper.refusal(of: receipt) else { return nil }
      let isListed = try await county.shows(opened.incident) { $0.refusals.contains { $0.what == "receipt" && $0.reason == reason } }
      return isListed ? reason : "not listed: \(reason)"
    }

    func changed(_ changes: [String: JSON]) -> ReceiptDocument { ReceiptDocument(fields: receipt.fields.merging(changes) { $1 }) }

    func stop() async {
      await county.stop()
      await upper.stop()
    }
  }

  struct Lie: CustomTestStringConvertible, Sendable {
    var name: String
    var reason: String
    var changes: [String: JSON]
    var testDescription: String { name }
  }

  static let lies: [Lie] = [
    Lie(name: "wrong nonce", reason: "nonce", changes: ["nonce": .string(String(repeating: "f", count: 32))]),
    Lie(name: "wrong hash of E1: t1 was another line", reason: "opened", changes: ["openedSha256": .string(String(repeating: "0", count: 64))]),
    Lie(name: "a unit that is not the county's", reason: "unit", changes: ["unit": "anji/live/solo01@1#2"]),
    Lie(name: "a unit that never left", reason: "unit", changes: ["unit": "deqing/live/solo01@1#99"]),
    Lie(name: "a stream that was not called out", reason: "unit", changes: ["stream": "live/other"]),
    Lie(name: "another county's receipt", reason: "peer", changes: ["county": "anji"]),
    Lie(name: "of an incident that nobody opened", reason: "nonce", changes: ["incident": "20260101-ffffff"]),
  ]

  @Test("Each lie is refused by its name, listed in the figures, and proves nothing; the truth after it does")
  func lies() async throws {
    let scene = try await Scene()
    for lie in ForgedReceiptTests.lies {
      let forged = scene.changed(lie.changes)
      try scene.upper.send(forged)
      #expect(try await TwoCentres.eventually { scene.upper.refusal(of: forged) == lie.reason }, "\(lie.name)")
    }
    #expect(try await scene.refusal(of: scene.receipt, signedBy: .temporary()) == "signature")
    let before = try await scene.county.desk.show(scene.opened.incident)
    #expect(before.province.countyBracket == nil)
    #expect(before.verdict == .undetermined)
    // The one of an incident that nobody opened belongs to none.
    let listed = Set(before.refusals.filter { $0.what == "receipt" }.map(\.reason))
    #expect(listed == ["nonce", "opened", "unit", "peer", "signature"])
    let receipt = scene.receipt
    try scene.upper.send(receipt)
    #expect(try await scene.county.shows(scene.opened.incident) { $0.verdict == .pass })
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/receipts").filter { $0.hasSuffix(".json") } == [
        "\(scene.opened.incident).json"
      ])
    await scene.stop()
  }

  @Test("Times that cannot have been are refused by the figures, though the signature holds")
  func times() async throws {
    let scene = try await Scene()
    let forged = scene.changed(["decodedNs": .int(scene.arrival - 1)])
    try scene.upper.send(forged)
    #expect(try await scene.county.shows(scene.opened.incident) { $0.refusals.map(\.reason) == ["times"] && $0.province.grade == nil })
    await scene.stop()
  }

  @Test("A frame cached before t1 is refused by both: the decoder's at the county, the receipt for it by the link")
  func cached() async throws {
    let scene = try await Scene(preopened: true)
    #expect(scene.opened.devices.first?.number == 2, "E1 says from which unit on frames count")
    #expect(try await scene.refusal(of: scene.changed(["unit": .string(scene.unit(1))])) == "beforeReceived")
    let shown = try await scene.county.desk.show(scene.opened.incident)
    #expect(shown.devices.first?.preopened == true)
    #expect(shown.refusals.contains { $0.what == "picture" && $0.reason == "beforeReceived" })
    #expect(shown.county.unit == scene.unit(2))
    await scene.stop()
  }

  @Test("An old receipt replayed for a new incident is caught, said again for its own it changes nothing")
  func replayed() async throws {
    let scene = try await Scene()
    let old = scene.receipt
    try scene.upper.send(old)
    #expect(try await scene.county.shows(scene.opened.incident) { $0.verdict == .pass })
    let first = try await scene.county.desk.show(scene.opened.incident)
    let second = try await scene.county.open("第二起")
    #expect(try await TwoCentres.eventually { scene.upper.opened.contains { $0.incident == second.id } })
    let fresh = try #require(scene.upper.opened.first { $0.incident == second.id })
    // Byte for byte: it is the first incident's, and stays it.
    try scene.upper.send(old)
    // Rewritten for the new incident, but with the old nonce; then with all of it right, but the old picture.
    let rewritten = ReceiptDocument(fields: old.fields.merging(["incident": .string(second.id)]) { $1 })
    try scene.upper.send(rewritten)
    let picture = scene.upper.receipt(fresh, unit: scene.unit(2), arrival: scene.arrival)
    try scene.upper.send(picture)
    #expect(try await TwoCentres.eventually { scene.upper.refusal(of: picture) == "beforeReceived" })
    #expect(scene.upper.refusal(of: rewritten) == "nonce")
    let after = try await scene.county.desk.show(second.id)
    #expect(after.province.grade == nil && after.verdict == .undetermined)
    #expect(try await scene.county.desk.show(scene.opened.incident).province == first.province)
    // Closed, the county restarted, and said again: known by its hash. One that was never stored is called what it is.
    _ = try await scene.county.desk.close(scene.opened.incident, reason: nil)
    await scene.county.stop()
    let again = try await County(
      folder: scene.folder, clock: OwnClock(boot: "boot-c", ahead: 0), fingerprint: scene.upper.identity.fingerprint, port: scene.port, upper: nil)
    #expect(try await TwoCentres.eventually { again.uplink.newestBeacon(at: again.parts.clock.bootTime()) != nil })
    let other = scene.changed(["jpegSha256": "other"])
    try scene.upper.send(old)
    try scene.upper.send(other)
    #expect(try await TwoCentres.eventually { scene.upper.refusal(of: other) == "replayed" })
    #expect(scene.upper.refusal(of: old) == nil)
    await again.stop()
    await scene.upper.stop()
  }

  @Test("A receipt that was on its way when the incident was closed is taken")
  func closedMeanwhile() async throws {
    let scene = try await Scene()
    _ = try await scene.county.desk.close(scene.opened.incident, reason: nil)
    let receipt = scene.receipt
    try scene.upper.send(receipt)
    #expect(try await TwoCentres.eventually { scene.upper.isStored(receipt) })
    #expect(try await scene.county.shows(scene.opened.incident) { $0.closed && $0.province.grade == .decoded && $0.verdict == .pass })
    await scene.stop()
  }

  @Test(
    "A county that is killed after its key frame left takes the receipt when it is back: exact in the same boot, bridged after a reboot",
    arguments: [false, true])
  func killed(reboots: Bool) async throws {
    let scene = try await Scene()
    let receipt = scene.receipt
    let before = try await scene.county.desk.show(scene.opened.incident)
    await scene.county.stop()
    // After a reboot the clock begins anew, far below what it was.
    let clock = reboots ? OwnClock(boot: "boot-d", ahead: -SystemClock().bootTime().nanoseconds + 5_000_000_000) : OwnClock(boot: "boot-c", ahead: 0)
    let again = try await County(
      folder: scene.folder, clock: clock, fingerprint: scene.upper.identity.fingerprint, port: scene.port, upper: nil)
    #expect(try await TwoCentres.eventually { again.uplink.newestBeacon(at: again.parts.clock.bootTime()) != nil })
    try scene.upper.send(receipt)
    #expect(try await TwoCentres.eventually { scene.upper.isStored(receipt) }, "\(scene.upper.refusal(of: receipt) ?? "nothing")")
    #expect(try await again.shows(scene.opened.incident) { $0.verdict == .pass })
    let shown = try await again.desk.show(scene.opened.incident)
    #expect(shown.retries.count == 1)
    #expect(shown.county.seconds == before.county.seconds)
    #expect((shown.province.countyBracket == nil) == reboots)
    #expect(shown.reasons == (reboots ? [.countyRebooted] : []))
    #expect(shown.province.provinceBracket != nil)
    await again.stop()
    await scene.upper.stop()
  }

  @Test("A county that reboots before its picture is bridged over the province's clock, and the bridge holds the truth")
  func bridged() async throws {
    let folder = TwoCentres.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let key = try NodeIdentity.load(dataFolder: folder).publicKey
    let province = try await Province(folder: folder + "/p", clock: OwnClock(boot: "boot-p", ahead: ForgedReceiptTests.hundredDays), county: key)
    let first = try await County(
      folder: folder, clock: OwnClock(boot: "boot-c", ahead: 0), fingerprint: province.parts.identity.fingerprint, port: province.port,
      upper: province.upper)
    let opened = try await first.open()
    let received = try #require(opened.steps.first { $0.id == .t1 }).bootNs
    #expect(try await TwoCentres.eventually { !province.desk.incidents().isEmpty })
    await first.stop()
    let ahead = -SystemClock().bootTime().nanoseconds + 5_000_000_000
    let second = try await County(
      folder: folder, clock: OwnClock(boot: "boot-d", ahead: ahead), fingerprint: province.parts.identity.fingerprint, port: province.port,
      upper: province.upper)
    // Twenty minutes pass for everybody: the warning comes though the clock that saw t1 is gone.
    #expect(try await TwoCentres.eventually { second.uplink.offset(at: second.parts.clock.bootTime()) != nil })
    for clock in [province.parts.clock, second.parts.clock] { clock.advance(1_210_000_000_000) }
    #expect(
      try await second.shows(opened.id) { _ in
        second.parts.facts(FactKind.incidentWarning).contains { $0["minutes"] == 20 && $0.boot == "boot-d" }
      })
    _ = try await second.parts.publish(1, of: "live/solo01", on: nil)
    #expect(try await second.shows(opened.id) { $0.county.bridged != nil && $0.verdict == .pass })
    let shown = try await second.desk.show(opened.id)
    #expect(shown.county.seconds == nil)
    let decoded = try #require(shown.steps.first { $0.id == .t6 }).bootNs
    // Both lives of the county are of one real clock here, so that the truth is known to the nanosecond.
    let truth = Double(decoded - ahead - received) / 1e9
    let bridge = try #require(shown.county.bridged)
    #expect(bridge.lowerSeconds <= truth && truth <= bridge.upperSeconds, "\(bridge) \(truth)")
    #expect(shown.reasons == [.countyRebooted])
    await second.stop()
    await province.stop()
  }
}

import Evidence
import Foundation
import Model
import NIOCore
import Testing

@Suite("The evidence of a picture")
struct PictureEvidenceTests {
  private let stream: StreamName
  private let unit: AccessUnit
  private let picture = DecodedPicture(
    width: 1280, height: 720, jpeg: ByteBuffer(bytes: [0xFF, 0xD8, 7]), jpegSHA256: "j1", vclSHA256: "v1", visible: true, dark: true,
    lumaMeanMilli: 40)

  init() throws {
    stream = try #require(StreamName("live/cam1"))
    let origin = UnitOrigin(node: "county", path: stream)
    unit = AccessUnit(
      id: AccessUnitID(origin: origin, epoch: 1000, number: 50), track: 0, pts: MediaTime(value: 0, timescale: 90_000),
      firstArrival: BootTime(nanoseconds: 5), arrival: BootTime(nanoseconds: 6), flags: [.key, .clean], payload: ByteBuffer())
  }

  private func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-evidence-\(UUID().uuidString)").path
  }

  @Test("of a county's incident, of a request and of an upper node differs in what it is for, and in nothing else")
  func wishes() {
    let wishes = [
      PictureWish(incident: "i1", device: "kit1", stream: stream, node: "county", index: 2),
      PictureWish(attempt: "c-1", device: "kit1", stream: stream, node: "county"),
      PictureWish(incident: "i1", county: "wukang", device: "kit1", stream: stream, index: 2),
    ]
    let facts = wishes.map { PictureEvidence($0, dataFolder: "/d").first(unit, picture, decoded: BootTime(nanoseconds: 9)) }
    #expect(facts.map(\.kind) == ["picture.decoded", "picture.decoded", "province.decoded"])
    #expect(facts.map(\.subject.incident) == ["i1", nil, "i1"])
    #expect(facts.map(\.subject.attempt) == [nil, "c-1", nil])
    #expect(facts.map(\.subject.county) == [nil, nil, "wukang"])
    let common = facts.map { fact in fact.fields.filter { !["incident", "attempt", "county"].contains($0.key) } }
    #expect(Set(common).count == 1)
    #expect(common.first?["unit"] == "county/live/cam1@1000#50")
    #expect(common.first?["unitArrivalNs"] == 5, "the first packet's, not the last's")
    #expect(common.first?["decodedNs"] == 9)
    #expect(common.first?["dark"] == true)
    #expect(
      wishes.map { PictureEvidence($0, dataFolder: "/d").path } == [
        "/d/snapshots/county-i1-2.jpg", "/d/snapshots/county-c-1-0.jpg", "/d/snapshots/wukang-i1-2.jpg",
      ])
  }

  @Test("has the JPEG on the disk, byte for byte, whether its folder was there or not")
  func snapshot() async throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let evidence = PictureEvidence(PictureWish(attempt: "c-1", device: "kit1", stream: stream, node: "county"), dataFolder: folder)
    try await evidence.store(picture)
    try await evidence.store(picture)
    #expect(try Disk.read(evidence.path) == [0xFF, 0xD8, 7])
  }

  @Test("that the disk refuses is an error of its caller's")
  func refusedByDisk() async throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Disk.makeFolder(folder)
    // A file stands where the folder should be.
    try Disk.replace(folder + "/snapshots", with: [])
    let evidence = PictureEvidence(PictureWish(attempt: "c-1", device: "kit1", stream: stream, node: "county"), dataFolder: folder)
    await #expect(throws: Fault.self) { try await evidence.store(picture) }
  }

  @Test("names a reason for refusing key units once, or for every unit where it is asked to; reasons from before a restart count")
  func refusals() {
    let wish = PictureWish(incident: "i1", device: "kit1", stream: stream, node: "county", index: 0)
    let once = PictureEvidence(wish, dataFolder: "/d", known: ["damaged"])
    let reasons = ["black", "damaged", "black", "beforeReceived", "black"]
    #expect(reasons.compactMap { once.refused(unit, $0)?.reason } == ["black", "beforeReceived"])
    let every = PictureEvidence(wish, dataFolder: "/d", refusals: .everyUnit, known: ["damaged"])
    #expect(reasons.compactMap { every.refused(unit, $0)?.reason } == reasons)
    #expect(every.refused(unit, "black")?.subject == once.first(unit, picture, decoded: BootTime(nanoseconds: 9)).subject)
  }

  @Test("of a second picture is its content and when it was decoded")
  func second() {
    let wish = PictureWish(incident: "i1", device: "kit1", stream: stream, node: "county", index: 0)
    let second = PictureEvidence(wish, dataFolder: "/d").second(unit, picture, decoded: BootTime(nanoseconds: 11))
    #expect(second.vclSha256 == "v1")
    #expect(second.decoded == BootTime(nanoseconds: 11))
  }
}

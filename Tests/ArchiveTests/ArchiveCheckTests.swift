import Foundation
import GRDB
import Journal
import Model
import Testing

@testable import Archive

@Suite("Checking an archive", .enabled(if: Shell.has(TestClip.program), "ffmpeg is not installed"))
struct ArchiveCheckTests {
  /// A closed archive of four segments.
  private static func recorded() async throws -> Bench {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for start in stride(from: 0, to: clip.units.count, by: 25) {
      try await bench.post(clip.units[start..<start + 25], to: publication)
      await archive.flush()
    }
    await archive.close()
    return bench
  }

  private static func change(_ path: String, _ body: (inout Data) -> Void) throws {
    let url = URL(fileURLWithPath: path)
    var data = try Data(contentsOf: url)
    body(&data)
    try data.write(to: url)
  }

  private static func segment(_ bench: Bench, _ number: Int) -> String { bench.archiveFolder + "/\(Bench.id)/0000000\(number).mkv" }

  @Test("an untouched archive is good, and the check writes nothing")
  func untouched() async throws {
    let bench = try await ArchiveCheckTests.recorded()
    let before = try await Shell.text("/bin/sh", ["-c", "cd '\(bench.data)' && find . -type f | sort | xargs sha256sum"])
    let report = await bench.check()
    #expect(report.isGood)
    #expect(report.exitCode == 0)
    #expect(report.segments == 4)
    #expect(report.frames == 175)
    #expect(report.json["good"] == true)
    #expect(try await Shell.text("/bin/sh", ["-c", "cd '\(bench.data)' && find . -type f | sort | xargs sha256sum"]) == before)
    await bench.remove()
  }

  @Test("one flipped byte anywhere is found and located", arguments: [0, 100, 5000, -1])
  func flippedByte(_ at: Int) async throws {
    let bench = try await ArchiveCheckTests.recorded()
    try ArchiveCheckTests.change(ArchiveCheckTests.segment(bench, 3)) { data in
      let index = at < 0 ? data.count - 1 : at
      data[index] ^= 1
    }
    let report = await bench.check()
    #expect(report.exitCode == 1)
    #expect(report.problems.map(\.segment) == [3])
    #expect(report.problems.map(\.fault.code) == [.segmentChanged])
    #expect(report.problems.first?.file == Bench.id + "/00000003.mkv")
    #expect(report.problems.first?.stream == Bench.name)
    await bench.remove()
  }

  @Test("a cut tail, a missing and an unknown file are found and located")
  func files() async throws {
    let bench = try await ArchiveCheckTests.recorded()
    try ArchiveCheckTests.change(ArchiveCheckTests.segment(bench, 1)) { $0.removeLast(10) }
    try FileManager.default.removeItem(atPath: ArchiveCheckTests.segment(bench, 2))
    try Data([1]).write(to: URL(fileURLWithPath: ArchiveCheckTests.segment(bench, 9)))
    let report = await bench.check()
    #expect(report.problems.map(\.file) == [1, 2, 9].map { Bench.id + "/0000000\($0).mkv" })
    #expect(report.problems.map(\.fault.code) == [.segmentChanged, .segmentMissing, .archiveBroken])
    await bench.remove()
  }

  private static func edit(_ bench: Bench, _ sql: String) throws {
    let queue = try DatabaseQueue(path: bench.archiveFolder + "/index.sqlite")
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test(
    "a changed index does not pass",
    arguments: [
      "UPDATE segment SET sha256 = 'x' || substr(sha256, 2) WHERE seq = 2",
      "UPDATE segment SET record = replace(record, '\"frames\":50', '\"frames\":51') WHERE seq = 2",
      "DELETE FROM segment WHERE seq = 2",
      "DELETE FROM segment WHERE seq = 4; UPDATE stream SET segments = 3",
    ])
  func changedIndex(_ sql: String) async throws {
    let bench = try await ArchiveCheckTests.recorded()
    try ArchiveCheckTests.edit(bench, sql)
    let report = await bench.check()
    #expect(report.exitCode == 1)
    #expect(!report.problems.isEmpty)
    await bench.remove()
  }

  @Test("a tail that was cut from index and folder alike is betrayed by the signed head")
  func cutChain() async throws {
    let bench = try await ArchiveCheckTests.recorded()
    let hash = try #require(
      try await DatabaseQueue(path: bench.archiveFolder + "/index.sqlite").read {
        try String.fetchOne($0, sql: "SELECT hash FROM segment WHERE seq = 3")
      })
    try ArchiveCheckTests.edit(bench, "DELETE FROM segment WHERE seq = 4; UPDATE stream SET segments = 3, lastSeq = 3, lastHash = '\(hash)'")
    try FileManager.default.removeItem(atPath: ArchiveCheckTests.segment(bench, 4))
    let report = await bench.check()
    #expect(report.problems.map(\.segment) == [4])
    #expect(report.problems.first?.fault.code == .archiveBroken)
    await bench.remove()
  }

  @Test("a changed or foreign head does not pass")
  func changedHead() async throws {
    let bench = try await ArchiveCheckTests.recorded()
    let path = bench.archiveFolder + "/heads.jsonl"
    try ArchiveCheckTests.change(path) { data in
      if let at = data.firstRange(of: Data("\"seq\":4".utf8)) { data[at.upperBound - 1] = UInt8(ascii: "3") }
    }
    #expect(await bench.check().problems.first?.file == "heads.jsonl")
    let stranger = try NodeIdentity.temporary()
    let head = try ChainHead.sign(
      chain: HeadLog.chain(Bench.id), node: "county", boot: "b", sequence: 4, hash: String(repeating: "a", count: 64),
      bootTime: BootTime(nanoseconds: 1), wall: WallTime(nanoseconds: 1), by: stranger)
    try Data(head.line).write(to: URL(fileURLWithPath: path))
    #expect(await bench.check().exitCode == 1)
    await bench.remove()
  }

  @Test("openssl alone verifies a head", .enabled(if: Shell.has("/usr/bin/openssl"), "openssl is not installed"))
  func opensslVerifies() async throws {
    let bench = try await ArchiveCheckTests.recorded()
    let lines = try Data(contentsOf: URL(fileURLWithPath: bench.archiveFolder + "/heads.jsonl"))
    let last = try #require(lines.split(separator: 10).last)
    let head = try #require(ChainHead(line: Array(last) + [10]))
    #expect(head.sequence == 4)
    let message = bench.folder + "/message"
    let signature = bench.folder + "/signature"
    try Data(head.signedBytes).write(to: URL(fileURLWithPath: message))
    try Data(head.signature).write(to: URL(fileURLWithPath: signature))
    let arguments = ["pkeyutl", "-verify", "-pubin", "-inkey", bench.data + "/keys/pub.pem", "-rawin", "-in", message, "-sigfile", signature]
    #expect(try await Shell.text("/usr/bin/openssl", arguments).contains("Signature Verified Successfully"))
    try ArchiveCheckTests.change(message) { $0[40] ^= 1 }
    await #expect(throws: Shell.Failed.self) { try await Shell.run("/usr/bin/openssl", arguments) }
    await bench.remove()
  }

  @Test("a folder without an archive is no good archive")
  func nothing() async throws {
    let bench = try Bench()
    #expect(await bench.check().exitCode == 1)
    await bench.remove()
  }
}

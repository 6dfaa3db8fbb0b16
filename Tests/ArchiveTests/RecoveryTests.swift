import FirstFrameTesting
import Foundation
import Hub
import Model
import NIOCore
import Testing

@testable import Archive

@Suite("After kill -9", .enabled(if: Shell.has(TestClip.program), "ffmpeg is not installed"))
struct RecoveryTests {
  /// Records `count` units, the muxers fed every `batch` units, then dies.
  private static func killed(_ bench: Bench, _ clip: TestClip, count: Int, batch: Int = 25) async throws -> [SegmentRecord] {
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    var fed = 0
    while fed + batch <= count {
      try await bench.post(clip.units[fed..<fed + batch], to: publication)
      fed += batch
      await archive.flush()
    }
    try await bench.post(clip.units[fed..<count], to: publication)
    let committed = try await archive.segments(of: Bench.name)
    await archive.abandon()
    return committed
  }

  private static func next(_ bench: Bench, boot: String = "boot-1") throws -> Bench {
    try Bench(folder: bench.folder, data: bench.data, boot: boot, at: bench.clock.bootTime() + .seconds(2))
  }

  @Test(
    "nothing acknowledged is lost or changed, and every unit that was received is there",
    arguments: [1, 50, 51, 99, 130, 175], [7, 25])
  func nothingIsLost(_ count: Int, _ batch: Int) async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    let committed = try await RecoveryTests.killed(bench, clip, count: count, batch: batch)
    let digests = try committed.map { try bench.store.digest(of: $0.file)?.sha256 }

    let later = try RecoveryTests.next(bench)
    let (archive, _) = try later.open()
    await archive.flush()
    await archive.flush()
    let segments = try await archive.segments(of: Bench.name)
    #expect(Array(segments.prefix(committed.count)) == committed)
    #expect(try committed.map { try bench.store.digest(of: $0.file)?.sha256 } == digests)
    #expect(segments.reduce(0) { $0 + $1.frames } == Int64(count))
    #expect(segments.dropFirst(committed.count).allSatisfy { $0.isRecovered && $0.boot == "boot-1" && $0.startsWithKey })
    #expect(segments.last?.end == clip.units[count - 1].arrival)
    let paths = segments.map { archive.path(of: $0) }
    let source = try await TestClip.pictureHashes([clip.path])
    #expect(try await TestClip.pictureHashes(paths) == Array(source.prefix(count)))
    await archive.close()
    let report = await later.check()
    #expect(report.problems == [])
    #expect(report.open == 0)
    #expect(report.quarantined == 0)
    #expect(later.spoolFiles == [])
    await bench.remove()
    await later.remove()
  }

  @Test("sound and pictures with B-frames too, no unit twice")
  func withSound() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264BFramesAAC, seconds: 7, in: bench.folder)
    for (round, count) in [0, 333].enumerated() where round > 0 {
      let committed = try await RecoveryTests.killed(bench, clip, count: count)
      #expect(committed.count >= 2)
      let later = try RecoveryTests.next(bench)
      let (archive, _) = try later.open()
      await archive.flush()
      await archive.flush()
      let segments = try await archive.segments(of: Bench.name)
      #expect(segments.reduce(0) { $0 + $1.units } == Int64(count))
      let paths = segments.map { archive.path(of: $0) }
      let sound = clip.units.prefix(count).filter { clip.tracks[Int($0.track)].codec == .aac }.count
      #expect(try await TestClip.audioHashes(paths) == Array(TestClip.audioHashes([clip.path]).prefix(sound)))
      await archive.close()
      #expect(await later.check().problems == [])
      await later.remove()
    }
    await bench.remove()
  }

  @Test("live recording goes on at once; its segments follow the recovered ones in the chain, and the gap is the relay's own")
  func liveBesideRecovery() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 60)
    let later = try RecoveryTests.next(bench)
    let (archive, hub) = try later.open()
    let publication = try await later.publish(clip.tracks, on: hub)
    try await later.post(clip.units[75...], to: publication, delayed: .seconds(3))
    await archive.flush()
    await archive.flush()
    await archive.close()
    let report = await later.check()
    #expect(report.problems == [])
    let (again, _) = try later.open()
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.map(\.isRecovered) == [true, true, false, false])
    #expect(segments.map(\.frames) == [50, 10, 50, 50])
    let gaps = try await again.gaps(of: Bench.name)
    #expect(gaps.map(\.cause) == [.recorder])
    #expect(gaps.first?.event == .relayRestarted)
    #expect(gaps.first?.from == clip.units[59].arrival)
    #expect(gaps.first?.to == clip.units[75].firstArrival + .seconds(3))
    await again.close()
    await bench.remove()
    await later.remove()
  }

  @Test("a relay that nobody returns to tells its gap all the same; another boot's is told by the wall clock")
  func nobodyReturns() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 60)
    let later = try RecoveryTests.next(bench, boot: "boot-2")
    let (archive, _) = try later.open()
    await archive.flush()
    await archive.flush()
    let gap = try #require(try await archive.gaps(of: Bench.name).first)
    #expect(gap.boot == "boot-1")
    #expect(gap.from == clip.units[59].arrival)
    #expect(gap.length == .seconds(2))
    #expect(try await archive.segments(of: Bench.name).map(\.boot) == ["boot-1", "boot-1"])
    await archive.close()
    await bench.remove()
    await later.remove()
  }

  @Test("killed again while recovering, and again: still everything")
  func killedTwice() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 130)
    for _ in 0..<2 {
      let second = try RecoveryTests.next(bench)
      let (archive, _) = try second.open()
      await archive.settle()
      await archive.abandon()
    }
    let third = try RecoveryTests.next(bench)
    let (archive, _) = try third.open()
    await archive.flush()
    await archive.flush()
    #expect(try await archive.segments(of: Bench.name).reduce(0) { $0 + $1.frames } == 130)
    await archive.close()
    #expect(await third.check().problems == [])
    await bench.remove()
    await third.remove()
  }

  @Test("a full disk at the start loses nothing: the recovered units wait for space, and the live ones behind them")
  func fullDiskAtStart() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 75)
    let store = RefusingStore()
    store.refuse([.open, .append])
    let later = try Bench(folder: bench.folder, data: bench.data, at: bench.clock.bootTime() + .seconds(2), store: store)
    let (archive, hub) = try later.open()
    let publication = try await later.publish(clip.tracks, on: hub)
    try await later.post(clip.units[75..<125], to: publication, delayed: .seconds(3))
    await archive.flush()
    await archive.flush()
    store.refuse([.append])
    await archive.flush()
    #expect(try await archive.segments(of: Bench.name).count == 1)
    store.refuse([])
    await archive.flush()
    try await later.post(clip.units[125...], to: publication, delayed: .seconds(3))
    await archive.close()
    let (again, _) = try later.open()
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.map(\.frames) == [50, 25, 50, 50])
    #expect(try await TestClip.pictureHashes(segments.map { again.path(of: $0) }) == TestClip.pictureHashes([clip.path]))
    #expect(try await again.gaps(of: Bench.name).map(\.event) == [.relayRestarted])
    await again.close()
    #expect(await later.check().problems == [])
    #expect(later.spoolFiles == [])
    await bench.remove()
    await later.remove()
  }

  @Test("without a muxer nothing is recovered and nothing is lost: the spool waits for the next start")
  func noMuxer() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 130)
    let broken = try Bench(
      folder: bench.folder, data: bench.data, at: bench.clock.bootTime() + .seconds(2),
      makeTap: { _, _ async throws(Fault) in throw Fault(.packageMissing, "test") })
    let (first, _) = try broken.open()
    await first.flush()
    await first.close()
    #expect(broken.facts.facts(of: FactKind.recorderStalled).count == 1)
    #expect(!broken.spoolFiles.isEmpty)
    let later = try RecoveryTests.next(bench)
    let (archive, _) = try later.open()
    await archive.flush()
    await archive.flush()
    #expect(try await archive.segments(of: Bench.name).reduce(0) { $0 + $1.frames } == 130)
    await archive.close()
    #expect(await later.check().problems == [])
    #expect(later.spoolFiles == [])
    await bench.remove()
    await broken.remove()
    await later.remove()
  }

  @Test("without a spool (power cut with the spool in memory) the readable prefix of the open file is kept")
  func withoutSpool() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 125)
    try FileManager.default.removeItem(atPath: bench.data + "/spool")
    // The tail is torn in the middle of a block.
    let part = bench.archiveFolder + "/" + Bench.id + "/00000003.mkv.part"
    let size = try #require(try bench.store.info(Bench.id + "/00000003.mkv.part")?.bytes)
    truncate(part, Int(size) - 40)
    let later = try RecoveryTests.next(bench, boot: "boot-2")
    let (archive, _) = try later.open()
    await archive.settle()
    await archive.flush()
    await archive.flush()
    let segments = try await archive.segments(of: Bench.name)
    #expect(segments.map(\.frames) == [50, 50, 24])
    #expect(segments.last?.isRecovered == true)
    let source = try await TestClip.pictureHashes([clip.path])
    #expect(try await TestClip.pictureHashes(segments.map { archive.path(of: $0) }) == Array(source.prefix(124)))
    await archive.close()
    let report = await later.check()
    #expect(report.problems == [])
    #expect(report.quarantined == 0)
    await bench.remove()
    await later.remove()
  }

  @Test("a segment that was renamed but not acknowledged is made anew from the spool")
  func renamedButNotAcknowledged() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    _ = try await RecoveryTests.killed(bench, clip, count: 90)
    let folder = bench.archiveFolder + "/" + Bench.id
    try FileManager.default.moveItem(atPath: folder + "/00000002.mkv.part", toPath: folder + "/00000002.mkv")
    let later = try RecoveryTests.next(bench)
    let (archive, _) = try later.open()
    await archive.flush()
    await archive.flush()
    #expect(try await archive.segments(of: Bench.name).map(\.frames) == [50, 40])
    await archive.close()
    #expect(await later.check().problems == [])
    #expect(later.files() == ["00000001.mkv", "00000002.mkv"])
    await bench.remove()
    await later.remove()
  }

  @Test("unknown files are moved to quarantine, never deleted; missing ones are told")
  func reconciliation() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 7, in: bench.folder)
    let (first, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    try await bench.post(clip.units, to: publication)
    await first.flush()
    await first.close()
    let folder = bench.archiveFolder + "/" + Bench.id
    try Data("what is this".utf8).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
    try Data("nor this".utf8).write(to: URL(fileURLWithPath: bench.archiveFolder + "/stray.mkv"))
    try FileManager.default.removeItem(atPath: folder + "/00000002.mkv")
    let (archive, _) = try bench.open()
    await archive.settle()
    #expect(Set(bench.files("quarantine")) == ["\(Bench.id)-notes.txt", "archive-stray.mkv"])
    #expect(try String(contentsOfFile: bench.archiveFolder + "/quarantine/\(Bench.id)-notes.txt", encoding: .utf8) == "what is this")
    #expect(bench.facts.facts(of: FactKind.archiveQuarantined).count == 2)
    let fault = try #require(bench.facts.facts(of: FactKind.archiveFault).first)
    #expect(fault.fields["missing"] == 1)
    #expect(fault.fields["files"] == [.string(Bench.id + "/00000002.mkv")])
    await archive.close()
    await bench.remove()
  }
}

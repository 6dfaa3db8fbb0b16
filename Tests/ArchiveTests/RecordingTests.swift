import FirstFrameTesting
import Foundation
import Hub
import Model
import NIOCore
import Pipelines
import Synchronization
import Testing

@testable import Archive

@Suite("Recording", .enabled(if: Shell.has(TestClip.program), "ffmpeg is not installed"))
struct RecordingTests {
  @Test("what comes out of the segments is what went in, picture by picture", arguments: [TestClip.Kind.h264BFramesAAC, .h265])
  func pictures(_ kind: TestClip.Kind) async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(kind, seconds: 7, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for start in stride(from: 0, to: clip.units.count, by: 60) {
      try await bench.post(clip.units[start..<min(start + 60, clip.units.count)], to: publication)
      await archive.flush()
    }
    let ongoing = try await archive.totals(of: Bench.name)
    #expect(ongoing.isRecording)
    await archive.close()

    let report = await bench.check()
    #expect(report.problems == [])
    #expect(report.segments == 4)
    #expect(report.heads >= 1)
    #expect(report.unsealed == 0)
    let (again, _) = try bench.open()
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.map(\.sequence) == [1, 2, 3, 4])
    #expect(segments.map(\.frames) == [50, 50, 50, 25])
    #expect(segments.reduce(0) { $0 + $1.units } == Int64(clip.units.count))
    #expect(segments.reduce(0) { $0 + $1.payloadBytes } == Int64(clip.bytes))
    #expect(segments.allSatisfy { $0.startsWithKey && !$0.isRecovered && $0.session == publication.session && $0.boot == "boot-1" })
    #expect(segments.first?.start == clip.units.first?.firstArrival)
    #expect(segments.last?.end == clip.units.last?.arrival)
    #expect(segments.map(\.previous) == [SegmentRecord.zeroHash] + segments.dropLast().map(\.hash))
    let paths = segments.map { again.path(of: $0) }
    #expect(try await TestClip.pictureHashes(paths) == TestClip.pictureHashes([clip.path]))
    if kind == .h264BFramesAAC {
      let source = try await TestClip.audioHashes([clip.path])
      #expect(source.count > 300)
      #expect(try await TestClip.audioHashes(paths) == source)
    }
    #expect(try await again.gaps(of: Bench.name) == [])
    await again.close()
    #expect(bench.spoolFiles == [])
    await bench.remove()
  }

  @Test("sound alone is recorded too, cut anywhere")
  func soundOnly() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.aac, seconds: 7, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for start in stride(from: 0, to: clip.units.count, by: 40) {
      try await bench.post(clip.units[start..<min(start + 40, clip.units.count)], to: publication)
      await archive.flush()
    }
    try await bench.loop.submit { hub.kick(Bench.name, reason: Fault(.streamEnded)) }.get()
    await archive.flush()
    await archive.close()
    let (again, _) = try bench.open()
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.count == 3)
    #expect(segments.reduce(0) { $0 + $1.frames } == Int64(clip.units.count))
    #expect(try await TestClip.audioHashes(segments.map { again.path(of: $0) }) == TestClip.audioHashes([clip.path]))
    await again.close()
    await bench.remove()
  }

  @Test("a segment is told only when file, name and row are on the disk, and the fact says all of it")
  func acknowledgement() async throws {
    let bench = try Bench(settings: { $0.wallUncertainty = { .milliseconds(3) } })
    let clip = try await TestClip.make(.h264Small, seconds: 5, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    try await bench.post(clip.units.prefix(45), to: publication)
    await archive.flush()
    #expect(bench.facts.facts(of: FactKind.segmentCommitted).isEmpty)
    #expect(bench.files() == ["00000001.mkv.part"])
    try await bench.post(clip.units[45...], to: publication)
    await archive.flush()
    let facts = bench.facts.facts(of: FactKind.segmentCommitted)
    #expect(facts.count == 2)
    let segments = try await archive.segments(of: Bench.name)
    for (fact, segment) in zip(facts, segments) {
      #expect(JSON.object(fact.fields.filter { $0.key != "hash" }) == segment.json)
      #expect(fact.fields["hash"] == .string(segment.hash))
      #expect(fact.bootTime == segment.end)
      #expect(fact.fields["uncertaintyNs"] == 3_000_000)
      #expect(FileManager.default.fileExists(atPath: archive.path(of: segment)))
      // The journal's envelope has names of its own.
      #expect(Set(fact.fields.keys).isDisjoint(with: ["v", "node", "boot", "seq", "boottimeNs", "wall", "kind", "prev"]))
    }
    let digest = try await Shell.text("/usr/bin/sha256sum", [archive.path(of: segments[0])])
    #expect(digest.hasPrefix(segments[0].sha256))
    #expect(segments[0].startWall.nanoseconds - 1_700_000_000_000_000_000 == segments[0].start.nanoseconds - TestClip.start.nanoseconds)
    await archive.close()
    await bench.remove()
  }

  @Test("many streams record side by side on the archive's own timers")
  func ownTimers() async throws {
    let bench = try Bench(settings: { $0.batchInterval = .milliseconds(20) })
    let clip = try await TestClip.make(.h264Small, seconds: 5, in: bench.folder)
    let (archive, hub) = try bench.open()
    var publications: [Publication] = []
    for number in 0..<12 { publications.append(try await bench.publish(clip.tracks, on: hub, name: try #require(StreamName("live/cam\(number)")))) }
    for start in stride(from: 0, to: clip.units.count, by: 25) {
      for publication in publications { try await bench.post(clip.units[start..<start + 25], to: publication) }
    }
    await bench.facts.wait(for: FactKind.segmentCommitted, count: 24)
    await archive.close()
    let report = await bench.check()
    #expect(report.problems == [])
    #expect(report.streams == 12)
    #expect(report.segments == 36)
    #expect(report.frames == 12 * 125)
    #expect(report.heads == 12)
    let (again, _) = try bench.open()
    for total in try await again.totals() {
      #expect(total.segments == 3)
      #expect(total.payloadBytes == Int64(clip.bytes))
    }
    await again.close()
    await bench.remove()
  }

  @Test("names of streams never become names of files")
  func names() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 3, in: bench.folder)
    let (archive, hub) = try bench.open()
    let name = try #require(StreamName("village/現場/cam~1"))
    let publication = try await bench.publish(clip.tracks, on: hub, name: name)
    try await bench.post(clip.units, to: publication)
    await archive.flush()
    await archive.close()
    let all = FileManager.default.enumerator(atPath: bench.data)?.compactMap { $0 as? String } ?? []
    #expect(all.contains { $0.hasSuffix("/00000001.mkv") })
    #expect(!all.contains { $0.contains("cam") || $0.contains("village") })
    await bench.remove()
  }

  @Test("new parameters start a new segment in the same chain")
  func parameterChange() async throws {
    let bench = try Bench()
    let small = try await TestClip.make(.h264Small, seconds: 3, in: bench.folder)
    let large = try await TestClip.make(.h264Small, seconds: 3, in: bench.folder, size: "640x360")
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(small.tracks, on: hub)
    try await bench.post(small.units, to: publication)
    await archive.flush()
    var changed = large.tracks
    changed[0].generation = 1
    publication.update(tracks: changed)
    let later = large.units.map { unit in
      var late = unit
      late.generation = 1
      late.pts.value += 3 * 90_000
      late.dts?.value += 3 * 90_000
      return late
    }
    try await bench.post(later, to: publication, delayed: .seconds(3))
    await archive.flush()
    await archive.close()
    #expect(await bench.check().problems == [])
    let (again, _) = try bench.open()
    let paths = try await bench.paths(again)
    #expect(paths.count == 4)
    #expect(try await TestClip.pictureHashes(paths) == TestClip.pictureHashes([small.path, large.path]))
    #expect(try await again.gaps(of: Bench.name) == [])
    await again.close()
    await bench.remove()
  }

  @Test("a publisher that comes back continues the recording, and the gap is listed with its cause")
  func takeover() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 6, in: bench.folder)
    let (archive, hub) = try bench.open()
    let first = try await bench.publish(clip.tracks, on: hub)
    try await bench.post(clip.units[..<75], to: first)
    first.finish(Fault(.publisherGone))
    let second = try await bench.publish(clip.tracks, on: hub)
    #expect(second.resumed)
    try await bench.post(clip.units[75...], to: second, delayed: .seconds(4))
    await archive.flush()
    await archive.close()
    let (again, _) = try bench.open()
    let gap = try #require(try await again.gaps(of: Bench.name).first)
    #expect(try await again.gaps(of: Bench.name).count == 1)
    #expect(gap.cause == .network)
    #expect(gap.event == .interrupted)
    #expect(gap.from == clip.units[74].arrival)
    #expect(gap.to == clip.units[75].firstArrival + .seconds(4))
    #expect(gap.session == second.session)
    let fact = try #require(bench.facts.facts(of: FactKind.archiveGap).first)
    #expect(fact.fields["cause"] == "network")
    #expect(fact.bootTime == gap.to)
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.reduce(0) { $0 + $1.frames } == 150)
    #expect(Set(segments.map(\.session)) == [first.session, second.session])
    #expect(try await again.totals(of: Bench.name).gaps == 1)
    await again.close()
    await bench.remove()
  }

  @Test("spool files are few and go back when their units are acknowledged")
  func spoolStaysSmall() async throws {
    let bench = try Bench()
    let clip = try await TestClip.make(.h264Small, seconds: 30, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    var most = 0
    for start in stride(from: 0, to: clip.units.count, by: 25) {
      try await bench.post(clip.units[start..<start + 25], to: publication)
      await archive.flush()
      most = max(most, bench.spoolFiles.count)
    }
    // 64 KiB each: an open segment of 2 s and one in flight, with the spare ones.
    let needed = clip.bytes * 5 / 30 / (60 << 10) + 12
    #expect(most <= needed, "\(most) files for \(clip.bytes) bytes")
    #expect(clip.bytes / (60 << 10) > 0)
    await archive.close()
    #expect(bench.spoolFiles == [])
    await bench.remove()
  }

  @Test("a muxer that stalls is replaced, told and leaves a gap")
  func stalledMuxer() async throws {
    let real = try Archive.matroska(PipelineLibrary.locate())
    let count = Mutex(0)
    let bench = try Bench(makeTap: { tracks, output async throws(Fault) in
      let number = count.withLock { count in
        count += 1
        return count
      }
      let tap = try await real(tracks, output)
      return number == 1 ? StallingTap(tap, after: 60) : tap
    })
    let clip = try await TestClip.make(.h264Small, seconds: 14, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for start in stride(from: 0, to: clip.units.count, by: 25) {
      try await bench.post(clip.units[start..<start + 25], to: publication)
      await archive.flush()
      await archive.watch()
    }
    await archive.close()
    let stalled = try #require(bench.facts.facts(of: FactKind.recorderStalled).first)
    #expect(bench.facts.facts(of: FactKind.recorderStalled).count == 1)
    #expect(stalled.fields["stalled"] == true)
    let (again, _) = try bench.open()
    let gap = try #require(try await again.gaps(of: Bench.name).first)
    #expect(gap.cause == .recorder)
    #expect(gap.event == .muxerFailed)
    let segments = try await again.segments(of: Bench.name)
    // Exact: the gap lies between the last recorded unit and the next.
    let before = try #require(segments.last { $0.end <= gap.from })
    let after = try #require(segments.first { $0.start >= gap.to })
    #expect(before.end == gap.from)
    #expect(after.start == gap.to)
    #expect(gap.from == clip.units[49].arrival)
    #expect(segments.reduce(0) { $0 + $1.frames } == Int64(clip.units.filter { $0.arrival <= gap.from || $0.firstArrival >= gap.to }.count))
    #expect(await bench.check().problems == [])
    await again.close()
    await bench.remove()
  }

  @Test("with archive.enabled = false nothing is recorded")
  func disabled() async throws {
    let bench = try Bench(settings: { $0.enabled = false })
    let clip = try await TestClip.make(.h264Small, seconds: 3, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    try await bench.post(clip.units, to: publication)
    await archive.flush()
    await archive.close()
    #expect(bench.facts.facts(of: FactKind.segmentCommitted).isEmpty)
    #expect(bench.files("") == ["index.sqlite"] || bench.files("").allSatisfy { $0.hasPrefix("index.sqlite") })
    await bench.remove()
  }
}

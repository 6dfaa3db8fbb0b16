import FirstFrameTesting
import Foundation
import Glibc
import Hub
import Model
import Synchronization
import Testing

@testable import Archive

@Suite("A disk that refuses", .enabled(if: Shell.has(TestClip.program), "ffmpeg is not installed"))
struct DiskTests {
  @Test(
    "recording pauses, relaying does not notice, and the gap is exact and has the true cause",
    arguments: [
      (FaultCode.diskFull, ArchiveGap.Cause.disk), (.diskFailed, .disk), (.noDescriptors, .descriptors), (.diskReadOnly, .readOnly),
    ])
  func refusedWrites(_ code: FaultCode, _ cause: ArchiveGap.Cause) async throws {
    let store = RefusingStore()
    let bench = try Bench(store: store)
    let clip = try await TestClip.make(.h264Small, seconds: 12, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for second in 0..<12 {
      if second == 5 { store.refuse([.open, .append], code) }
      if second == 8 { store.refuse([]) }
      try await bench.post(clip.units[(second * 25)..<(second * 25 + 25)], to: publication)
      await archive.flush()
      let fault = try await archive.totals(of: Bench.name).fault
      #expect((fault?.code == code) == (5..<8).contains(second), "second \(second): \(String(describing: fault))")
    }
    await archive.close()
    #expect(bench.facts.facts(of: FactKind.archiveFault).count == 1)
    #expect(bench.facts.facts(of: FactKind.archiveResumed).count == 1)
    let (again, _) = try bench.open()
    let gaps = try await again.gaps(of: Bench.name)
    let gap = try #require(gaps.first)
    #expect(gaps.count == 1)
    #expect(gap.cause == cause)
    #expect(gap.event == .diskRefused)
    #expect(gap.from == clip.units[124].arrival)
    #expect(gap.to == clip.units[200].firstArrival)
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.reduce(0) { $0 + $1.frames } == 300 - 75)
    let report = await bench.check()
    #expect(report.problems == [])
    let source = try await TestClip.pictureHashes([clip.path])
    #expect(try await TestClip.pictureHashes(segments.map { again.path(of: $0) }) == Array(source[..<125] + source[200...]))
    await again.close()
    #expect(bench.spoolFiles == [])
    await bench.remove()
  }

  @Test(
    "nothing is acknowledged before its bytes and its name are durable; a refused step is asked again",
    arguments: [RefusingStore.Call.commit, .syncNames])
  func refusedCommit(_ call: RefusingStore.Call) async throws {
    let store = RefusingStore()
    let bench = try Bench(store: store, makeTap: PlainTap.make)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    store.refuse([call], .diskFailed)
    try await bench.post(SmallClip.units(Bench.name, seconds: 5), to: publication)
    for _ in 0..<2 {
      await archive.flush()
      #expect(try await archive.segments(of: Bench.name).isEmpty)
      #expect(bench.facts.facts(of: FactKind.segmentCommitted).isEmpty)
    }
    store.refuse([])
    await archive.flush()
    #expect(try await archive.segments(of: Bench.name).map(\.frames) == [50, 50])
    await archive.close()
    let report = await bench.check()
    #expect(report.problems == [])
    #expect(report.frames == 125)
    #expect(bench.facts.facts(of: FactKind.archiveFault).count == 1)
    #expect(bench.facts.facts(of: FactKind.archiveResumed).count == 1)
    await bench.remove()
  }

  @Test("a stream that begins while nothing can be written has a gap from its first unit on, and no silence")
  func refusedFromTheStart() async throws {
    let store = RefusingStore()
    let bench = try Bench(store: store, makeTap: PlainTap.make)
    let (archive, hub) = try bench.open()
    let units = SmallClip.units(Bench.name, seconds: 5)
    store.refuse([.open], .diskReadOnly)
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    try await bench.post(units[..<50], to: publication)
    await archive.flush()
    #expect(try await archive.totals(of: Bench.name).fault?.code == .diskReadOnly)
    store.refuse([])
    try await bench.post(units[50...], to: publication)
    await archive.flush()
    await archive.close()
    let gaps = bench.facts.facts(of: FactKind.archiveGap)
    #expect(gaps.map { $0.fields["cause"] } == ["readOnly"])
    #expect(gaps.first?.fields["fromNs"] == .int(units[0].firstArrival.nanoseconds))
    await bench.remove()
  }

  @Test("below the reserve recording stops with a clear fault, above it it goes on")
  func reserve() async throws {
    let store = RefusingStore()
    let bench = try Bench(
      store: store,
      settings: {
        $0.reservePermille = 30
        $0.warnPermille = 80
      })
    let clip = try await TestClip.make(.h264Small, seconds: 9, in: bench.folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    for second in 0..<9 {
      store.free.withLock { $0 = second == 3 ? 70 : (4..<6).contains(second) ? 20 : 400 }
      try await bench.post(clip.units[(second * 25)..<(second * 25 + 25)], to: publication)
      await archive.flush()
    }
    await archive.close()
    let facts = bench.facts.facts(of: FactKind.archiveFault)
    #expect(facts.map { $0.fields["warning"] } == [true, nil])
    #expect(facts.last?.fields["reason"]?["code"] == "diskFull")
    #expect(bench.facts.facts(of: FactKind.archiveResumed).count == 1)
    let (again, _) = try bench.open()
    let gap = try #require(try await again.gaps(of: Bench.name).first)
    #expect(gap.cause == .disk)
    let segments = try await again.segments(of: Bench.name)
    let lost = clip.units.filter { $0.arrival > gap.from && $0.firstArrival < gap.to }.count
    #expect(lost > 0)
    #expect(segments.reduce(0) { $0 + $1.frames } == Int64(225 - lost))
    await again.close()
    await bench.remove()
  }

  @Test("a real file system of 6 MB that fills up and gets space again", .enabled(if: geteuid() == 0, "mounting needs root"))
  func realFullDisk() async throws {
    let folder = try Bench.temporary()
    let mount = folder + "/disk"
    try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    guard (try? await Shell.run("/bin/mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", mount])) != nil else {
      print("SKIPPED: no file system may be mounted here")
      try FileManager.default.removeItem(atPath: folder)
      return
    }
    let bench = try Bench(folder: folder, data: mount + "/data")
    let clip = try await TestClip.make(.h264Small, seconds: 20, in: folder)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(clip.tracks, on: hub)
    let filler = mount + "/filler"
    for second in 0..<20 {
      if second == 6 {
        let file = open(filler, O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        close(file)
      }
      if second == 12 { unlink(filler) }
      try await bench.post(clip.units[(second * 25)..<(second * 25 + 25)], to: publication)
      await archive.flush()
    }
    await archive.close()
    let report = await bench.check()
    #expect(report.problems == [])
    #expect(bench.facts.facts(of: FactKind.archiveFault).count >= 1)
    #expect(bench.facts.facts(of: FactKind.archiveResumed).count >= 1)
    let (again, _) = try bench.open()
    let segments = try await again.segments(of: Bench.name)
    let gaps = try await again.gaps(of: Bench.name)
    #expect(gaps.allSatisfy { $0.cause == .disk })
    #expect(!gaps.isEmpty)
    // Back within a key frame of the space's return, and every unit is in a segment or in a gap.
    #expect(gaps.allSatisfy { $0.to <= clip.units[13 * 25].firstArrival })
    let lost = clip.units.filter { unit in gaps.contains { unit.arrival > $0.from && unit.firstArrival < $0.to } }.count
    #expect(segments.reduce(0) { $0 + $1.frames } == Int64(500 - lost))
    await again.close()
    _ = try await Shell.run("/bin/umount", [mount])
    await bench.remove()
  }
}

import FirstFrameTesting
import Foundation
import Hub
import Journal
import Model
import NIOCore
import Testing

@testable import Archive

/// A whole archive whose segments lie in memory: all that it knows of a store is the interface.
@Suite("Recording into another store")
struct OtherStoreTests {
  private static func bench(_ store: MemoryStore, _ earlier: Bench? = nil) throws -> (bench: Bench, refusing: RefusingStore) {
    let refusing = RefusingStore()
    let bench = try Bench(
      folder: earlier?.folder, data: earlier?.data, at: earlier.map { $0.clock.bootTime() + .seconds(2) }, store: refusing, makeTap: PlainTap.make)
    refusing.stand(before: store)
    return (bench, refusing)
  }

  private static func check(_ bench: Bench, _ store: MemoryStore) -> ArchiveReport {
    var checker = ArchiveChecker(folder: bench.archiveFolder, store: store, key: bench.identity.publicKey)
    checker.run { _, _ in }
    return checker.report
  }

  private static let clip = SmallClip.units(Bench.name, seconds: 7)

  @Test("Segments are written, acknowledged and checked there, and nothing of them lies on the disk")
  func recording() async throws {
    let store = MemoryStore()
    let (bench, _) = try Self.bench(store)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    for second in 0..<7 {
      try await bench.post(Self.clip[second * 35..<second * 35 + 35], to: publication)
      await archive.flush()
    }
    await archive.close()
    #expect(store.contents.keys.sorted() == (1...4).map { "\(Bench.id)/0000000\($0).mkv" })
    #expect(bench.files("").filter { ArchiveFiles.isID($0) } == [])
    let report = Self.check(bench, store)
    #expect(report.problems == [])
    #expect(report.segments == 4)
    #expect(report.frames == 175)
    store.put("\(Bench.id)/00000003.mkv", [1, 2, 3])
    store.remove("\(Bench.id)/00000002.mkv")
    #expect(Self.check(bench, store).problems.map(\.segment) == [2, 3])
    await bench.remove()
  }

  @Test("After kill -9 the spool brings back what was not acknowledged, and the open segment's remains go", arguments: [1, 40, 71, 140, 245])
  func recovery(_ count: Int) async throws {
    let store = MemoryStore()
    let (bench, _) = try Self.bench(store)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    for start in stride(from: 0, to: count, by: 30) {
      try await bench.post(Self.clip[start..<min(count, start + 30)], to: publication)
      await archive.flush()
    }
    await archive.abandon()
    let (later, _) = try Self.bench(store, bench)
    let (again, _) = try later.open()
    await again.settle()
    await again.flush()
    await again.flush()
    let segments = try await again.segments(of: Bench.name)
    #expect(segments.reduce(0) { $0 + $1.units } == Int64(count))
    #expect(segments.last?.isRecovered == true)
    await again.close()
    #expect(Self.check(later, store).problems == [])
    #expect(Set(store.contents.keys) == Set(segments.map(\.file)))
    #expect(later.spoolFiles == [])
    await bench.remove()
    await later.remove()
  }

  @Test("Without a spool the open segment's own bytes are kept, and what nobody can explain goes to quarantine")
  func withoutSpool() async throws {
    let store = MemoryStore()
    let (bench, _) = try Self.bench(store)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    for second in 0..<3 {
      try await bench.post(Self.clip[second * 35..<second * 35 + 35], to: publication)
      await archive.flush()
    }
    await archive.abandon()
    try FileManager.default.removeItem(atPath: bench.data + "/spool")
    let part = "\(Bench.id)/00000002.mkv.part"
    store.put(part, Array(try #require(store.contents[part]).dropLast(5)))
    store.put("\(Bench.id)/notes.txt", [7])
    store.put("stray", [8])
    let (later, _) = try Self.bench(store, bench)
    let (again, _) = try later.open()
    await again.settle()
    await again.flush()
    await again.flush()
    let segments = try await again.segments(of: Bench.name).sorted { $0.units > $1.units }
    #expect(segments.map(\.units) == [70, 34])
    #expect(segments.map(\.isRecovered) == [false, true])
    #expect(store.contents["quarantine/\(Bench.id)-notes.txt"] == [7])
    #expect(store.contents["quarantine/archive-stray"] == [8])
    #expect(later.facts.facts(of: FactKind.archiveQuarantined).count == 2)
    await again.close()
    #expect(Self.check(later, store).problems == [])
    #expect(Self.check(later, store).quarantined == 2)
    await bench.remove()
    await later.remove()
  }

  @Test("A segment that is gone at the start is recorded as missing, once, with its name")
  func missing() async throws {
    let store = MemoryStore()
    let (bench, _) = try Self.bench(store)
    let (archive, hub) = try bench.open()
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    try await bench.post(Self.clip, to: publication)
    await archive.flush()
    await archive.close()
    store.remove("\(Bench.id)/00000001.mkv")
    let (again, _) = try bench.open()
    await again.settle()
    let faults = bench.facts.facts(of: FactKind.archiveFault)
    #expect(faults.count == 1)
    #expect(faults.first?.fields["missing"] == 1)
    #expect(faults.first?.fields["files"] == [.string("\(Bench.id)/00000001.mkv")])
    #expect(faults.first?.fields["reason"]?["code"] == "segmentMissing")
    await again.close()
    await bench.remove()
  }

  @Test("A store that cannot be read at the start is recorded as a fault, and live recording goes on", arguments: [RefusingStore.Call.list, .info])
  func unreadable(_ call: RefusingStore.Call) async throws {
    let store = MemoryStore()
    let (bench, refusing) = try Self.bench(store)
    refusing.refuse([call], .diskFailed)
    let (archive, hub) = try bench.open()
    await archive.settle()
    if call == .list { #expect(bench.facts.facts(of: FactKind.archiveFault).map { $0.fields["reason"]?["code"] } == ["diskFailed"]) }
    let publication = try await bench.publish(SmallClip.tracks, on: hub)
    await archive.settle()
    refusing.refuse([])
    try await bench.post(Self.clip, to: publication)
    await archive.flush()
    await archive.close()
    #expect(Self.check(bench, store).frames == 175)
    await bench.remove()
  }
}

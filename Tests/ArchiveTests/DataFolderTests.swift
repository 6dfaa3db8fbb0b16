import Foundation
import Hub
import Journal
import Logging
import Model
import NIOCore
import NIOPosix
import Testing

@testable import Archive

/// Whatever this program becomes, it opens this folder. When one of these tests fails, the code is wrong and not the folder.
@Suite("A data folder that version 0.1 wrote")
struct DataFolderTests {
  @Test("verifies and checks: journal, samples, archive; and checking writes nothing")
  func verifies() async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let before = try folder.contents
    #expect(Journal.verify(dataFolder: folder.data) == [])
    let (facts, problem) = Journal.read(dataFolder: folder.data)
    #expect(problem == nil)
    #expect(facts.count == 16)
    #expect(facts.filter { $0.kind == FactKind.segmentCommitted }.map { $0["segment"]?.intValue } == [1, 2, 3, 4])
    #expect(SampleFile.verify(dataFolder: folder.data, facts: facts) == [])
    #expect(try SampleFile.names(dataFolder: folder.data).count == 2)
    let report = ArchiveCheck.check(dataFolder: folder.data)
    #expect(report.problems == [])
    #expect(report.streams == 1)
    #expect(report.segments == 4)
    #expect(report.frames == 350)
    #expect(report.heads == 1)
    #expect(report.unsealed == 1)
    #expect(report.open == 1)
    #expect(try folder.contents == before)
  }

  @Test("gives its samples back: every unit of the clip, in order")
  func samples() async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let names = try SampleFile.names(dataFolder: folder.data)
    for (name, (first, seconds)) in zip(names, [(0, 10), (15, 7)]) {
      let file = try SampleFile(dataFolder: folder.data, name: name)
      let frames = file.records.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
      #expect(frames == SmallClip.units(SampleDataFolder.name, seconds: seconds, from: first).map { FrameSample($0, packets: 1) })
      #expect(file.header.stream == SampleDataFolder.name)
      #expect(file.blocks.map(\.isComplete) == [true])
    }
  }

  @Test("gives its segments back, and their records are written again byte for byte")
  func records() async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let index = try IndexCopy(of: folder.data + "/archive/index.sqlite")
    let rows = try index.rows(Bench.id, after: 0, limit: 100)
    #expect(rows.count == 4)
    var previous = SegmentRecord.zeroHash
    for row in rows {
      let record = try #require(SegmentRecord(try JSON(parsing: row.record)))
      #expect(record.json.text == row.record)
      #expect(record.hash == row.hash)
      #expect(record.previous == previous)
      previous = row.hash
    }
    let hash = rows.last?.hash
    #expect(hash == "54e7b9bef844e1ae30019584bfad542b5fd023e608efb82380c65587338193a6")
  }

  @Test("gives its spool back, and the spool is written again byte for byte")
  func spool() async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let finder = try SpoolFinder(folder: folder.data + "/spool")
    #expect(finder.strange == [])
    let run = try #require(finder.runs.first)
    #expect(finder.runs.count == 1)
    let files = try run.paths.compactMap { try SpoolFile(opening: $0) }
    let contents = try #require(SpoolReader.read(files.map(\.bytes)))
    #expect(!contents.hasHole)
    let units = contents.items.compactMap { if case .unit(let unit) = $0 { unit.unit } else { nil } }
    let clip = SmallClip.units(SampleDataFolder.name, seconds: 7, from: 15)
    #expect(units.map(\.payload) == clip.map(\.payload))
    #expect(units.map(\.arrival) == clip.map(\.arrival))

    let place = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let pool = SpoolPool(folder: place, fileBytes: 64 << 10, serial: 0, logger: Logger(label: "test"))
    pool.prepare()
    let clock = ManualClock(boot: run.header.boot)
    clock.move(to: run.header.reading.boot)
    let chain = SpoolChain(run: run.header.run)
    let owner = SpoolWriter.Owner(name: run.header.name, id: run.header.id, node: run.header.node, boot: run.header.boot)
    let writer = SpoolWriter(owner: owner, chain: chain, pool: pool, clock: clock, backlogLimit: 1 << 20)
    for item in contents.items { writer.append(item) }
    let again = try #require(try SpoolFinder(folder: place).runs.first?.paths.first.flatMap { try SpoolFile(opening: $0) })
    let used = (again.bytes.lastIndex { $0 != 0 } ?? 0) + 1
    #expect(used > 20_000)
    #expect(Array(again.bytes[..<used]) == Array(try #require(files.first).bytes[..<used]))
  }

  @Test("opens: what the killed relay had received and not acknowledged is recovered, and the chain goes on")
  func opens() async throws {
    let folder = try await Unpacked(version: "0.1")
    defer { folder.remove() }
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let clock = ManualClock(boot: "b0071d00-0000-4000-8000-000000000002")
    clock.move(to: BootTime(nanoseconds: 1_060_000_000_000))
    var settings = ArchiveSettings()
    settings.batchInterval = .seconds(3600)
    (settings.reservePermille, settings.warnPermille) = (0, 0)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let identity = try NodeIdentity.load(dataFolder: folder.data)
    let journal = try Journal.open(dataFolder: folder.data, node: "county", identity: identity, version: "now", clock: clock, logger: logger)
    #expect(journal.last.sequence == 17)
    let archive = try Archive.open(
      dataFolder: folder.data, node: "county", settings: settings, identity: identity, clock: clock, facts: journal, loops: loops,
      makeTap: PlainTap.make, logger: logger)
    await archive.settle()
    await archive.flush()
    await archive.flush()
    let segments = try await archive.segments(of: SampleDataFolder.name)
    #expect(segments.map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(segments.map(\.isRecovered) == [false, false, false, false, true])
    #expect(segments.reduce(0) { $0 + $1.units } == 17 * 35)
    #expect(segments.last?.units == 105)
    let gaps = try await archive.gaps(of: SampleDataFolder.name)
    #expect(gaps.last?.event == .relayRestarted)
    #expect(gaps.last?.boot == SampleDataFolder.boot)
    await archive.close()
    await journal.close()
    try await loops.shutdownGracefully()
    #expect(Journal.verify(dataFolder: folder.data) == [])
    let report = ArchiveCheck.check(dataFolder: folder.data)
    #expect(report.problems == [])
    #expect(report.open == 0)
    #expect(report.unsealed == 0)
    #expect(try Disk.entries(folder.data + "/spool") == [])
    #expect(try Disk.entries(folder.data + "/archive/quarantine") == [])
  }

  @Test("looks the same when it is written today: the same files, kinds of fact and members")
  func today() async throws {
    let old = try await Unpacked(version: "0.1")
    defer { old.remove() }
    let place = try Bench.temporary()
    defer { try? FileManager.default.removeItem(atPath: place) }
    let new = place + "/data"
    try await SampleDataFolder.make(at: new)
    func shape(_ data: String) throws -> [[String]] {
      let facts = Journal.read(dataFolder: data).facts.map { [$0.kind] + $0.fields.keys.sorted() }
      let segments = try Disk.entries(data + "/archive/" + Bench.id)
      return facts + [segments, try Disk.entries(data + "/keys"), try Disk.entries(data + "/journal").filter { $0 != "lock" }]
    }
    #expect(try shape(new) == shape(old.data))
    #expect(ArchiveCheck.check(dataFolder: new).problems == [])
  }
}

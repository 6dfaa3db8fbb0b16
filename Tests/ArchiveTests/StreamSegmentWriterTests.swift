import FirstFrameTesting
import Foundation
import Logging
import Model
import NIOCore
import Pipelines
import Testing

@testable import Archive

/// One stream's writer over a store in memory: no clock, no threads, no coder.
@Suite("Writing one stream's segments")
struct StreamSegmentWriterTests {
  private struct Acknowledged {
    var record: SegmentRecord
    var pause: WritePauses.Pause?
  }

  private struct Place {
    let store = RefusingStore()
    let kept = MemoryStore()
    let facts = FactList()
    let recording = StreamRecording(name: Bench.name, id: Bench.id)
    let chain = SpoolChain(run: 7)
    let context: ArchiveContext
    let writer: StreamSegmentWriter

    init() {
      store.stand(before: kept)
      var settings = ArchiveSettings()
      settings.segmentDuration = .seconds(2)
      context = ArchiveContext(
        settings: settings, dataFolder: "/nowhere", node: "county", clock: ManualClock(), facts: facts, store: store, makeTap: PlainTap.make,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      writer = StreamSegmentWriter(recording: recording, context: context, chainEnd: (0, SegmentRecord.zeroHash))
    }

    /// A muxer whose output goes to the writer.
    func begin(recovered: Bool = false) -> (run: TapRun, tap: PlainTap) {
      let run = TapRun(
        tracks: SmallClip.tracks, anywhere: false, origin: TapRun.Origin(boot: "boot-1", reading: nil, isRecovered: recovered), chain: chain,
        limit: .max)
      recording.add(run)
      return (run, PlainTap(SmallClip.tracks) { run.put($0) })
    }

    func push(_ units: [AccessUnit], from position: UInt64, _ tap: (run: TapRun, tap: PlainTap)) {
      let recorded = units.enumerated().map { RecordedUnit(unit: $0.element, position: position + UInt64($0.offset)) }
      tap.run.note(recorded, session: "s1")
      tap.tap.push(units)
      chain.plan(upTo: position + UInt64(units.count))
    }

    /// One round as the disk's thread does it, but without an index; gives what it would acknowledge.
    func round(mayOpen: Bool = true) -> [Acknowledged] {
      try? writer.work(mayOpen: mayOpen)
      for segment in writer.closed { try? segment.commit() }
      if (try? store.syncNames(of: recording.id)) != nil { for segment in writer.closed { segment.namesSynced() } }
      let durable = writer.closed.prefix { $0.isDurable }
      var hash = writer.chainHash
      let records = durable.map { segment in
        let record = segment.chained(after: hash)
        hash = record.hash
        return Acknowledged(record: record, pause: segment.pause)
      }
      writer.acknowledged(records.count, hash: hash)
      return records
    }
  }

  private static let clip = SmallClip.units(Bench.name, seconds: 9)

  @Test("Segments begin at key frames, hold every unit once and end with the stream")
  func whole() throws {
    let place = Place()
    let tap = place.begin()
    var records: [SegmentRecord] = []
    for second in 0..<9 {
      place.push(Array(Self.clip[second * 35..<second * 35 + 35]), from: UInt64(second * 35), tap)
      records += place.round().map(\.record)
      #expect(place.writer.oldest(place.chain) <= UInt64(second * 35 + 35))
    }
    tap.run.end()
    records += place.round().map(\.record)
    #expect(records.map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(records.map(\.units) == [70, 70, 70, 70, 35])
    #expect(records.map(\.frames) == [50, 50, 50, 50, 25])
    #expect(records.reduce(0) { $0 + $1.payloadBytes } == Int64(Self.clip.reduce(0) { $0 + $1.payload.readableBytes }))
    #expect(records.allSatisfy { $0.startsWithKey && $0.session == "s1" && $0.codecs == [.h264, .aac] })
    #expect(records.map(\.previous) == [SegmentRecord.zeroHash] + records.dropLast().map(\.hash))
    for record in records {
      let bytes = try #require(place.kept.contents[record.file])
      #expect(Int64(bytes.count) == record.bytes)
      #expect(try place.kept.digest(of: record.file)?.sha256 == record.sha256)
    }
    #expect(place.kept.contents.count == 5)
    #expect(place.writer.isIdle)
  }

  @Test("Whatever call the store refuses, every unit is in one segment or in a gap that says so, and no file has other bytes than its record")
  func refusals() throws {
    var random = Mutator(seed: 17)
    var refusedRounds = 0
    for _ in 0..<150 {
      let place = Place()
      let tap = place.begin()
      let refused = Set((0..<Int.random(in: 1...12, using: &random)).map { _ in Int.random(in: 1...60, using: &random) })
      place.store.refuse(numbers: refused)
      var records: [SegmentRecord] = []
      var pauses: [(from: BootTime, to: BootTime)] = []
      func round() {
        let fresh = place.round()
        records += fresh.map(\.record)
        pauses += fresh.compactMap { found in found.pause.map { ($0.from, found.record.start) } }
        refusedRounds += fresh.isEmpty ? 1 : 0
      }
      for second in 0..<9 {
        place.push(Array(Self.clip[second * 35..<second * 35 + 35]), from: UInt64(second * 35), tap)
        round()
      }
      tap.run.end()
      place.recording.add(TapRun(endOf: place.chain, lastArrival: try #require(Self.clip.map(\.arrival).max()), origin: tap.run.origin))
      for _ in 0..<30 where !place.writer.isIdle { round() }
      #expect(place.writer.isIdle)
      pauses += place.writer.drainEndedPauses().map { ($0.pause.from, $0.to) }
      let covered = Self.clip.filter { unit in
        records.contains { $0.start <= unit.firstArrival && unit.arrival <= $0.end }
          || pauses.contains { $0.from <= unit.arrival && unit.firstArrival <= $0.to } || unit.arrival < records.first?.start ?? unit.arrival
      }
      #expect(covered.count == Self.clip.count, "\(refused)")
      #expect(records.map(\.sequence) == Array(1...Int64(max(1, records.count))).prefix(records.count).map { $0 }, "\(refused)")
      #expect(records.reduce(0) { $0 + $1.units } <= Int64(Self.clip.count))
      for record in records { #expect(try place.kept.digest(of: record.file)?.sha256 == record.sha256, "\(refused)") }
      #expect(Set(place.kept.contents.keys) == Set(records.map(\.file)), "\(refused)")
    }
    #expect(refusedRounds > 100)
  }

  @Test("What a killed relay left waits until the store takes it: whichever calls are refused, no unit is missing")
  func recovered() throws {
    var random = Mutator(seed: 18)
    for _ in 0..<100 {
      let place = Place()
      let tap = place.begin(recovered: true)
      let refused = Set((0..<Int.random(in: 1...15, using: &random)).map { _ in Int.random(in: 1...40, using: &random) })
      place.store.refuse(numbers: refused)
      place.push(Self.clip, from: 0, tap)
      tap.run.end()
      var records: [SegmentRecord] = []
      for _ in 0..<60 where !place.writer.isIdle { records += place.round().map(\.record) }
      #expect(place.writer.isIdle, "\(refused)")
      #expect(records.map(\.units) == [70, 70, 70, 70, 35], "\(refused)")
      #expect(records.allSatisfy { $0.isRecovered })
      for record in records { #expect(try place.kept.digest(of: record.file)?.sha256 == record.sha256, "\(refused)") }
    }
  }

  @Test("While the reserve is reached nothing is opened, and the next segment follows a gap of the disk's")
  func reserve() throws {
    let place = Place()
    let tap = place.begin()
    var found: [Acknowledged] = []
    for second in 0..<9 {
      place.push(Array(Self.clip[second * 35..<second * 35 + 35]), from: UInt64(second * 35), tap)
      found += place.round(mayOpen: !(3..<6).contains(second))
      if (3..<6).contains(second) { #expect(place.kept.contents.count == found.count) }
    }
    #expect(found.map(\.record.units) == [70, 70, 70])
    #expect(
      found.map(\.pause) == [nil, nil, WritePauses.Pause(from: try #require(found.dropFirst().first).record.end, cause: .disk, event: .diskRefused)])
    #expect(place.writer.oldest(place.chain) == 8 * 35)
  }

  @Test("A file that lies where the next segment is to be written is moved away, not overwritten")
  func inTheWay() throws {
    let place = Place()
    place.kept.put(Bench.id + "/00000001.mkv", [1, 2, 3])
    place.kept.put(Bench.id + "/00000001.mkv.part", [4])
    let tap = place.begin()
    place.push(Array(Self.clip.prefix(35)), from: 0, tap)
    tap.run.end()
    #expect(place.round().map(\.record.units) == [35])
    #expect(place.kept.contents["quarantine/\(Bench.id)-00000001.mkv"] == [1, 2, 3])
    #expect(place.kept.contents["quarantine/\(Bench.id)-00000001.mkv.part"] == [4])
    #expect(place.facts.facts(of: FactKind.archiveQuarantined).count == 2)
  }

  @Test("A muxer that fails ends its segment, and the gap is the recorder's")
  func failedMuxer() throws {
    let place = Place()
    let dead = place.begin()
    place.push(Array(Self.clip.prefix(50)), from: 0, dead)
    dead.run.end(Fault(.recorderStalled, "test"))
    #expect(place.round().map(\.record.units) == [50])
    let next = place.begin()
    place.push(Array(Self.clip[70..<140]), from: 70, next)
    next.run.end()
    _ = try place.writer.work(mayOpen: true)
    #expect(
      place.writer.closed.map(\.pause) == [WritePauses.Pause(from: Self.clip[49].arrival, cause: .recorder, event: .muxerFailed)])
  }
}

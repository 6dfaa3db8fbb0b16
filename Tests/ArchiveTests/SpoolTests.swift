import FirstFrameTesting
import Foundation
import Logging
import Model
import NIOCore
import Testing

@testable import Archive

@Suite("The spool")
struct SpoolTests {
  private static let name = StreamName("live/cam1")!
  private static let origin = UnitOrigin(node: "county", path: name)
  private static let stream = RecordedStream(
    name: name, session: "county-1", origin: origin,
    tracks: [
      Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67, 1, 2]], pps: [[0x68, 3]]), generation: 2, width: 640),
      Track(index: 1, codec: .aac, clockRate: 48_000, parameters: .aac(audioSpecificConfig: [0x11, 0x90]), channels: 2),
    ])

  private static func unit(_ number: UInt64, bytes: Int) -> RecordedUnit {
    let payload = (0..<bytes).map { UInt8(truncatingIfNeeded: UInt64($0) &* 31 &+ number) }
    let unit = AccessUnit(
      id: AccessUnitID(origin: origin, epoch: 77, number: number), track: UInt8(number % 2),
      pts: MediaTime(value: Int64(number) * 3600 - 5, timescale: 90_000),
      dts: number % 3 == 0 ? MediaTime(value: Int64(number) * 3599, timescale: 90_000) : nil,
      firstArrival: BootTime(nanoseconds: Int64(number) * 1000), arrival: BootTime(nanoseconds: Int64(number) * 1000 + 7),
      capture: number % 2 == 0 ? CaptureTime(wall: WallTime(nanoseconds: 5), source: .rtcpSenderReport) : nil, generation: 2,
      flags: number % 5 == 0 ? [.key, .clean] : .damaged, payload: ByteBuffer(bytes: payload))
    return RecordedUnit(unit: unit, position: number)
  }

  private struct Place {
    let folder: String
    let pool: SpoolPool
    let chain: SpoolChain
    let writer: SpoolWriter

    init(run: UInt64 = 0xABCD, prepared: Bool = true) throws {
      folder = try Bench.temporary()
      pool = SpoolPool(folder: folder, fileBytes: 64 << 10, serial: 0, logger: Logger(label: "test"))
      if prepared { pool.prepare() }
      chain = SpoolChain(run: run)
      let owner = SpoolWriter.Owner(name: SpoolTests.name, id: "0011223344556677", node: "county", boot: "boot-1")
      writer = SpoolWriter(owner: owner, chain: chain, pool: pool, clock: ManualClock(), backlogLimit: 1 << 20)
    }

    func read() throws -> SpoolReader.Contents? {
      let found = try SpoolFinder(folder: folder)
      let files = try found.runs.flatMap(\.paths).compactMap { try SpoolFile(opening: $0) }
      return SpoolReader.read(files.map(\.bytes))
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  private static func units(_ contents: SpoolReader.Contents) -> [RecordedUnit] {
    contents.items.compactMap { if case .unit(let unit) = $0 { unit } else { nil } }
  }

  private static func same(_ a: RecordedUnit, _ b: RecordedUnit) -> Bool {
    a.position == b.position && a.unit.id == b.unit.id && a.unit.track == b.unit.track && a.unit.pts == b.unit.pts && a.unit.dts == b.unit.dts
      && a.unit.firstArrival == b.unit.firstArrival && a.unit.arrival == b.unit.arrival && a.unit.capture == b.unit.capture
      && a.unit.generation == b.unit.generation && a.unit.flags == b.unit.flags && a.unit.payload == b.unit.payload
  }

  @Test("gives back what was written, units larger than a file included")
  func roundTrip() throws {
    let place = try Place()
    defer { place.remove() }
    let sizes = [0, 1, 7, 8, 5000, 61_000, 200_000, 30, 64_000, 12]
    let written = sizes.enumerated().map { SpoolTests.unit(UInt64($0.offset), bytes: $0.element) }
    place.writer.append(.described(SpoolTests.stream))
    for unit in written {
      place.writer.append(.unit(unit))
      place.pool.prepare()
    }
    place.writer.append(.interrupted(BootTime(nanoseconds: 9)))
    place.writer.append(.ended(BootTime(nanoseconds: 10)))
    let contents = try #require(try place.read())
    #expect(contents.header.name == SpoolTests.name)
    #expect(contents.header.boot == "boot-1")
    #expect(contents.header.run == 0xABCD)
    #expect(!contents.hasHole)
    let read = SpoolTests.units(contents)
    #expect(read.count == written.count)
    #expect(zip(read, written).allSatisfy { SpoolTests.same($0, $1) })
    guard case .described(let stream)? = contents.items.first else { return #expect(Bool(false), "no description") }
    #expect(stream == SpoolTests.stream)
    guard case .ended(let end)? = contents.items.last else { return #expect(Bool(false), "no end") }
    #expect(end == BootTime(nanoseconds: 10))
    #expect(place.writer.unspooled == 0)
  }

  @Test("keeps units in order while the pool has no file, and writes them when it has")
  func latePool() throws {
    let place = try Place(prepared: false)
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    for number in 0..<20 as Range<UInt64> { place.writer.append(.unit(SpoolTests.unit(number, bytes: 100))) }
    place.pool.prepare()
    place.writer.append(.unit(SpoolTests.unit(20, bytes: 100)))
    #expect(SpoolTests.units(try #require(try place.read())).map(\.position) == Array(0...20))
  }

  @Test("a recycled file does not give back what it held before")
  func recycling() throws {
    let place = try Place(run: 1)
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    for number in 0..<40 as Range<UInt64> { place.writer.append(.unit(SpoolTests.unit(number, bytes: 1000))) }
    place.writer.close()
    place.pool.release(place.chain.release(before: .max))
    place.pool.settle()
    let second = SpoolWriter(
      owner: SpoolWriter.Owner(name: SpoolTests.name, id: "0011223344556677", node: "county", boot: "boot-1"), chain: SpoolChain(run: 2),
      pool: place.pool, clock: ManualClock(), backlogLimit: 1 << 20)
    second.append(.described(SpoolTests.stream))
    second.append(.unit(SpoolTests.unit(100, bytes: 1000)))
    let contents = try #require(try place.read())
    #expect(contents.header.run == 2)
    #expect(SpoolTests.units(contents).map(\.position) == [100])
  }

  @Test("files go back when all their units are committed, not before")
  func release() throws {
    let place = try Place()
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    for number in 0..<200 as Range<UInt64> {
      place.writer.append(.unit(SpoolTests.unit(number, bytes: 1000)))
      place.pool.prepare()
    }
    #expect(place.chain.release(before: 0).isEmpty)
    let first = place.chain.release(before: 70)
    #expect(first.count == 1)
    place.pool.release(first)
    place.pool.settle()
    let kept = SpoolTests.units(try #require(try place.read())).map(\.position)
    #expect(kept.contains(70))
    #expect(kept.last == 199)
    #expect((kept.first ?? 0) <= 70)
  }

  @Test("a record that the crash tore is left out, everything before it stays")
  func tornRecord() throws {
    let place = try Place()
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    for number in 0..<10 as Range<UInt64> { place.writer.append(.unit(SpoolTests.unit(number, bytes: 1000))) }
    let path = try #require(try SpoolFinder(folder: place.folder).runs.first?.paths.first)
    let file = try #require(try SpoolFile(opening: path))
    // The last byte of the last payload.
    let end = try #require(file.bytes.lastIndex { $0 != 0 })
    (file.base + end).storeBytes(of: file.bytes[end] ^ 0x40, as: UInt8.self)
    #expect(SpoolTests.units(try #require(try place.read())).map(\.position) == Array(0..<9))
  }

  @Test("any damage is survived and never invents a unit")
  func mutations() throws {
    let place = try Place()
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    let written = (0..<12 as Range<UInt64>).map { SpoolTests.unit($0, bytes: 40 + Int($0) * 9) }
    for unit in written { place.writer.append(.unit(unit)) }
    let path = try #require(try SpoolFinder(folder: place.folder).runs.first?.paths.first)
    let file = try #require(try SpoolFile(opening: path))
    let used = try #require(file.bytes.lastIndex { $0 != 0 }) + 9
    let sample = Array(file.bytes[..<used])
    var mutator = Mutator(seed: 20_26)
    for _ in 0..<2500 {
      let mutant = mutator.mutate(sample, with: Array(sample.suffix(200)))
      let contents = mutant.withUnsafeBytes { SpoolReader.read([$0]) }
      for unit in contents.map(SpoolTests.units) ?? [] {
        #expect(written.contains { SpoolTests.same($0, unit) })
      }
    }
  }

  @Test("free and foreign files are told from ours")
  func finder() throws {
    let place = try Place()
    defer { place.remove() }
    place.writer.append(.described(SpoolTests.stream))
    try Data(repeating: 1, count: 8192).write(to: URL(fileURLWithPath: place.folder + "/000000ff.spool"))
    let before = try Disk.entries(place.folder)
    let found = try SpoolFinder(folder: place.folder)
    #expect(found.runs.count == 1)
    #expect(found.strange.map { $0.suffix(14) } == ["000000ff.spool"])
    #expect(found.serial == 0xFF)
    // The spare files held nothing and are gone; the pool's thread may have made another one since.
    let after = try Disk.entries(place.folder)
    #expect(before.count { after.contains($0) } == 2)
  }
}

import FirstFrameTesting
import Glibc
import Logging
import Model
import Synchronization
import Testing

@testable import Journal

@Suite("Sample files")
struct SampleTests {
  let folder: TemporaryFolder
  let list = FactList()

  init() throws { folder = try TemporaryFolder() }

  func writer(disk: any AppendDisk = KernelDisk(), limit: Int = SampleWriter.sessionLimit) throws -> SampleWriter {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    return try SampleWriter(
      SampleWriter.Place(dataFolder: folder.path, facts: list, disk: disk, logger: logger), clock: TestClock(4_000_000_000_000),
      limit: limit)
  }

  @Test("What is read is what was written, in its order, in blocks that tile the session's time")
  func roundTrip() async throws {
    var traffic = try SampleTraffic()
    let records = traffic.records(seconds: 200)
    let writer = try writer()
    let session = writer.begin(traffic.header)
    for record in records {
      switch record {
      case .frame(let frame): session.frame(frame)
      case .second(let second): session.second(second)
      case .event(let event): session.event(event)
      }
    }
    session.close()
    await writer.close()
    let names = try SampleFile.names(dataFolder: folder.path)
    #expect(names == ["samples/20251122/5e5510a1.ffs"])
    let file = try SampleFile(dataFolder: folder.path, name: names[0])
    #expect(file.problem == nil)
    #expect(file.header == traffic.header)
    #expect(file.records == records)
    #expect(file.blocks.map(\.index) == [0, 1, 2, 3])
    #expect(file.blocks.allSatisfy { $0.isComplete && $0.dropped == 0 && $0.unknown == 0 && $0.tornBytes == 0 })
    #expect(file.blocks.first?.from == traffic.header.started)
    #expect(file.blocks.first?.offset == 0)
    for (block, next) in zip(file.blocks, file.blocks.dropFirst()) {
      #expect(block.to == next.from)
      #expect(block.offset + block.bytes == next.offset)
      // Each ends with the second sample that closes a minute, so a window's records lie together.
      #expect(block.records.last == .second(try #require(block.records.last?.second)))
      #expect((block.to - block.from).value > 58_000_000_000 && (block.to - block.from).value < 62_000_000_000)
    }
    let facts = list.facts
    #expect(facts.map { $0["sha256"]?.stringValue } == file.blocks.map(\.sha256))
    #expect(facts.map { $0["fromNs"]?.intValue } == file.blocks.map(\.from.nanoseconds))
    #expect(facts.map { $0["toNs"]?.intValue } == file.blocks.map(\.to.nanoseconds))
    #expect(facts.compactMap { $0["frames"]?.intValue }.reduce(0, +) == 200 * 72)
    #expect(facts.allSatisfy { $0["hop"] == "device" && $0["session"] == "5e5510a1" && $0["stream"] == "live/执法记录仪1" })
    #expect(SampleFile.verify(dataFolder: folder.path, facts: facts) == [])
  }

  @Test("The smallest and the largest values come back as they were")
  func extremes() async throws {
    let traffic = try SampleTraffic()
    let values: [Int64] = [.min, -1, 0, 1, .max]
    var records: [SampleRecord] = []
    for value in values + values.reversed() {
      var counters = TrackCounters(track: 255)
      counters.packetsExpected = value
      counters.restarts = value
      records.append(
        .frame(
          FrameSample(
            track: 200, number: UInt64(bitPattern: value), timestamp: value, firstArrival: BootTime(nanoseconds: value),
            lastArrival: BootTime(nanoseconds: 0 &- value), size: value, packets: value, flags: AccessUnit.Flags(rawValue: 255))))
      records.append(
        .second(
          SecondSample(
            at: traffic.header.started, tracks: [counters], roundTripNs: value,
            observer: ObserverSample(probeLagP99Ns: value, readings: value, lateReadings: value, receiveBufferErrors: value, cpuPressurePPM: value))))
      records.append(
        .event(SampleEvent(at: BootTime(nanoseconds: value), kind: .closed, track: 9, value1: value, value2: value, value3: value)))
    }
    let writer = try writer()
    let session = writer.open(traffic.header)
    session.append(records)
    session.close()
    await writer.close()
    let file = try SampleFile(dataFolder: folder.path, name: "samples/20251122/5e5510a1.ffs")
    #expect(file.problem == nil)
    #expect(file.records == records)
  }

  @Test("A packet's time that the wall clock's step threw an hour off does not disturb the blocks")
  func step() async throws {
    var traffic = try SampleTraffic()
    var records = traffic.records(seconds: 130)
    for index in records.indices where index % 97 == 0 {
      if case .frame(var frame) = records[index] {
        frame.lastArrival = frame.lastArrival + .seconds(3600)
        records[index] = .frame(frame)
      }
    }
    let writer = try writer()
    let session = writer.begin(traffic.header)
    session.append(records)
    await writer.close()
    let file = try SampleFile(dataFolder: folder.path, name: "samples/20251122/5e5510a1.ffs")
    #expect(file.records == records)
    #expect(file.blocks.count == 3)
  }

  @Test("A session of the same name, and one after a restart, never appends to an old file")
  func newFile() async throws {
    for _ in 0..<3 {
      let writer = try writer()
      var traffic = try SampleTraffic()
      let session = writer.begin(traffic.header)
      session.append(traffic.records(seconds: 2))
      await writer.close()
    }
    let names = try SampleFile.names(dataFolder: folder.path)
    #expect(names == ["5e5510a1-2", "5e5510a1-3", "5e5510a1"].map { "samples/20251122/\($0).ffs" })
    #expect(Set(try names.map { try bytes(of: folder.path + "/" + $0).count }).count == 1)
    #expect(SampleFile.verify(dataFolder: folder.path, facts: list.facts) == [])
  }

  @Test("A session's id never leads out of the folder")
  func hostileID() async throws {
    let writer = try writer()
    for id in ["../../keys/node", "", "a/b", ".", String(repeating: "x", count: 300)] {
      var traffic = try SampleTraffic(session: id)
      let session = writer.begin(traffic.header)
      session.append(traffic.records(seconds: 1))
    }
    await writer.close()
    let names = try SampleFile.names(dataFolder: folder.path)
    #expect(names.count == 5)
    #expect(try Set(names.map { try SampleFile(dataFolder: folder.path, name: $0).header.session.count }) == [15, 0, 3, 1, 300])
  }

  @Test("The reader in the documentation reads the same", .enabled(if: hasProgram("python3"), "needs python3"))
  func python() async throws {
    var traffic = try SampleTraffic()
    let records = traffic.records(seconds: 65)
    let writer = try writer()
    let session = writer.begin(traffic.header)
    session.append(records)
    await writer.close()
    let name = "samples/20251122/5e5510a1.ffs"
    try write(Array(try documentedReader("samples.md").utf8), to: folder.path + "/reader.py")
    let result = try run(["python3", folder.path + "/reader.py", folder.path + "/" + name])
    #expect(result.status == 0, "\(result.output.prefix(500))")
    let lines = try result.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    let file = try SampleFile(dataFolder: folder.path, name: name)
    #expect(lines.first?.arrayValue?[1]["session"] == "5e5510a1")
    #expect(lines.dropFirst().filter { $0.arrayValue?[0] != "block" } == records.map(\.line))
    let blocks = lines.filter { $0.arrayValue?[0] == "block" }.compactMap { $0.arrayValue?[1].arrayValue }
    #expect(blocks.map { $0[3] } == file.blocks.map { .string($0.sha256) })
    #expect(blocks.map { $0[5] } == file.blocks.map { .int($0.to.nanoseconds) })
  }

  @Test("Cut off anywhere, as by kill -9, a file reads up to its last whole record")
  func cutAnywhere() async throws {
    var traffic = try SampleTraffic()
    let records = traffic.records(seconds: 62)
    let writer = try writer()
    let session = writer.begin(traffic.header)
    session.append(records)
    await writer.close()
    let whole = try bytes(of: folder.path + "/samples/20251122/5e5510a1.ffs")
    var most = 0
    for length in stride(from: 0, through: whole.count, by: 211) {
      var found: [SampleRecord] = []
      do throws(JournalProblem) {
        var reader = try SampleReader(bytes: Array(whole.prefix(length)), name: "x")
        while let block = try reader.next() { found += block.records }
      } catch {
        #expect(error.kind == .tornTail, "\(length): \(error)")
      }
      #expect(found == Array(records.prefix(found.count)))
      #expect(found.count >= most)
      most = found.count
    }
    #expect(most >= records.count - 20)
  }

  @Test("Flips, cuts and taken-out files are found, and located to their block")
  func damage() async throws {
    var traffic = try SampleTraffic()
    let writer = try writer()
    let session = writer.begin(traffic.header)
    session.append(traffic.records(seconds: 185))
    await writer.close()
    let facts = list.facts
    let path = folder.path + "/samples/20251122/5e5510a1.ffs"
    let whole = try bytes(of: path)
    let blocks = try SampleFile(dataFolder: folder.path, name: "samples/20251122/5e5510a1.ffs").blocks
    var random = Mutator(seed: 3)
    for _ in 0..<40 {
      var changed = whole
      let at = Int.random(in: 0..<whole.count, using: &random)
      changed[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try write(changed, to: path)
      let problems = SampleFile.verify(dataFolder: folder.path, facts: facts)
      let block = try #require(blocks.first { $0.offset <= at && at < $0.offset + $0.bytes })
      #expect(problems.map(\.line) == [Int(block.index) + 1])
      #expect(problems.map(\.kind) == [.changed])
      #expect(problems.allSatisfy { block.offset <= $0.byte && $0.byte < block.offset + block.bytes })
    }
    for _ in 0..<20 {
      let length = Int.random(in: 0..<whole.count, using: &random)
      try write(Array(whole.prefix(length)), to: path)
      let problems = SampleFile.verify(dataFolder: folder.path, facts: facts)
      #expect(problems.map(\.kind) == [.cutTail])
      #expect(problems.map(\.byte) == [Int64(length)])
    }
    unlink(path)
    #expect(SampleFile.verify(dataFolder: folder.path, facts: facts).map(\.kind) == [.missingFile])
    try write(whole, to: path)
    #expect(SampleFile.verify(dataFolder: folder.path, facts: facts) == [])
    #expect(SampleFile.verify(dataFolder: folder.path, facts: facts.filter { $0["index"] != 1 }).map(\.kind) == [.sequence])
  }

  @Test("While the disk refuses nothing is lost that fits, and what does not fit is counted in the file")
  func overflow() async throws {
    let disk = FailingDisk()
    disk.plan.withLock { $0 = FailingDisk.Plan(writeError: ENOSPC, partial: 10) }
    let writer = try writer(disk: disk, limit: 20_000)
    var traffic = try SampleTraffic()
    let records = traffic.records(seconds: 100)
    let session = writer.begin(traffic.header)
    for start in stride(from: 0, to: records.count, by: 50) { session.append(Array(records[start..<min(records.count, start + 50)])) }
    disk.plan.withLock { $0 = FailingDisk.Plan() }
    await writer.close()
    let file = try SampleFile(dataFolder: folder.path, name: "samples/20251122/5e5510a1.ffs")
    #expect(file.problem == nil)
    let dropped = file.blocks.map(\.dropped).reduce(0, +)
    #expect(dropped > 0)
    #expect(Int64(file.records.count) + dropped == Int64(records.count))
    #expect(file.records == Array(records.prefix(file.records.count)))
    #expect(SampleFile.verify(dataFolder: folder.path, facts: list.facts) == [])
  }

  @Test("Mutants of real files never trap the reader")
  func fuzz() throws {
    var traffic = try SampleTraffic()
    var encoder = SampleEncoder(header: traffic.header, limit: 1 << 20)
    for record in traffic.records(seconds: 3) { encoder.append(record) { WallTime(nanoseconds: $0.nanoseconds) } }
    encoder.finish { WallTime(nanoseconds: $0.nanoseconds) }
    var real: [UInt8] = []
    _ = encoder.drain(into: &real)
    var random = Mutator(seed: 5)
    var understood = 0
    for _ in 0..<3000 {
      let mutant = random.mutate(real, with: real)
      guard var reader = try? SampleReader(bytes: mutant, name: "x") else { continue }
      while let block = try? reader.next() { understood += block.records.count }
    }
    #expect(understood > 10_000)
  }

  @Test("A file is as small as the documentation says", arguments: [(false, 300...520), (true, 900...1250)])
  func size(hasAudio: Bool, bytesPerSecond: ClosedRange<Int>) throws {
    var traffic = try SampleTraffic(hasAudio: hasAudio)
    var encoder = SampleEncoder(header: traffic.header, limit: 1 << 24)
    for record in traffic.records(seconds: 600) { encoder.append(record) { WallTime(nanoseconds: $0.nanoseconds) } }
    #expect(
      bytesPerSecond.contains(encoder.bytes.count / 600),
      "\(encoder.bytes.count / 600) B/s, \(encoder.bytes.count * 144 / 1_000_000) MB a day")
  }
}

extension SampleRecord {
  var second: SecondSample? { if case .second(let second) = self { second } else { nil } }

  /// As the reader in the documentation prints it.
  var line: JSON {
    func optional(_ value: Int64?) -> JSON { value.map { .int($0) } ?? .null }
    switch self {
    case .frame(let frame):
      let numbers = [Int64(frame.track), Int64(bitPattern: frame.number), frame.timestamp, frame.firstArrival.nanoseconds]
      let rest = [frame.lastArrival.nanoseconds, frame.size, Int64(frame.flags.rawValue), frame.packets]
      return ["frame", .array((numbers + rest).map { .int($0) })]
    case .second(let second):
      let tracks = second.tracks.map { track -> JSON in
        var values: [JSON] = [.int(Int64(track.track))]
        SampleFormat.counters(track) { values.append(.int($0)) }
        return .array(values)
      }
      let observer = second.observer
      return [
        "second",
        .array([
          .int(second.at.nanoseconds), optional(second.roundTripNs), optional(observer.probeLagP99Ns), optional(observer.cpuPressurePPM),
          .int(observer.receiveBufferErrors), .array(tracks), .int(observer.readings),
          .int(observer.lateReadings),
        ]),
      ]
    case .event(let event):
      let numbers = [event.at.nanoseconds, Int64(event.kind.rawValue), Int64(event.track), event.value1, event.value2, event.value3]
      return ["event", .array(numbers.map { .int($0) })]
    }
  }
}

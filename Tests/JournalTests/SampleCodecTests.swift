import FirstFrameTesting
import Model
import Testing

@testable import Journal

@Suite("Records as bytes")
struct SampleCodecTests {
  private static func value(_ random: inout Mutator) -> Int64 {
    switch UInt8.random(in: 0..<6, using: &random) {
    case 0: [.min, -1, 0, 1, .max][Int.random(in: 0..<5, using: &random)]
    case 1: Int64(truncatingIfNeeded: random.next())
    default: Int64.random(in: -5000...5000, using: &random)
    }
  }

  private static func record(_ random: inout Mutator, _ header: SampleHeader) -> SampleRecord {
    let time = header.started + Nanoseconds(value(&random))
    switch UInt8.random(in: 0..<10, using: &random) {
    case 0..<6:
      return .frame(
        FrameSample(
          track: UInt8.random(in: 0...255, using: &random), number: random.next(), timestamp: value(&random), firstArrival: time,
          lastArrival: time + Nanoseconds(value(&random)), size: value(&random), packets: value(&random),
          flags: AccessUnit.Flags(rawValue: UInt8.random(in: 0...255, using: &random))))
    case 6, 7:
      let kinds = SampleEvent.Kind.allCases
      return .event(
        SampleEvent(
          at: time, kind: kinds[Int.random(in: 0..<kinds.count, using: &random)], track: UInt8.random(in: 0...255, using: &random),
          value1: value(&random), value2: value(&random), value3: value(&random)))
    default: return .second(second(&random, header))
    }
  }

  private static func second(_ random: inout Mutator, _ header: SampleHeader) -> SecondSample {
    let tracks = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      let values = (0..<SampleFormat.counterCount).map { _ in value(&random) }
      return SampleFormat.counters(track: UInt8.random(in: 0...255, using: &random), values)
    }
    func optional() -> Int64? { Bool.random(using: &random) ? value(&random) : nil }
    let observer = ObserverSample(
      probeLagP99Ns: optional(), readings: value(&random), lateReadings: value(&random), receiveBufferErrors: value(&random),
      cpuPressurePPM: optional())
    let at = header.started + Nanoseconds(Int64.random(in: 0...600_000_000_000, using: &random))
    return SecondSample(at: at, tracks: tracks, roundTripNs: optional(), observer: observer)
  }

  private static let label: @Sendable (BootTime) -> WallTime = { WallTime(nanoseconds: $0.nanoseconds &+ 77) }

  private static func encode(_ records: [SampleRecord], _ header: SampleHeader, limit: Int = .max) -> (bytes: [UInt8], marks: [SampleEncoder.Mark]) {
    var encoder = SampleEncoder(header: header, limit: limit)
    for record in records { encoder.append(record, wall: label) }
    encoder.finish(wall: label)
    var bytes: [UInt8] = []
    let marks = encoder.drain(into: &bytes)
    return (bytes, marks)
  }

  private static func decode(_ bytes: [UInt8]) throws -> [SampleBlock] {
    var reader = try SampleReader(bytes: bytes, name: "x")
    var blocks: [SampleBlock] = []
    while let block = try reader.next() { blocks.append(block) }
    return blocks
  }

  @Test("Whatever the records hold, they come back as they were, in blocks that follow each other")
  func roundTrip() throws {
    var random = Mutator(seed: 41)
    var blocks = 0
    for _ in 0..<200 {
      let header = try SampleTraffic(seed: 1).header
      let records = (0..<Int.random(in: 0...80, using: &random)).map { _ in Self.record(&random, header) }
      let (bytes, marks) = Self.encode(records, header)
      let decoded = try Self.decode(bytes)
      #expect(decoded.flatMap(\.records) == records)
      #expect(decoded.allSatisfy { $0.isComplete && $0.unknown == 0 && $0.dropped == 0 && $0.tornBytes == 0 })
      #expect(decoded.map(\.index) == Array(0..<Int64(decoded.count)))
      #expect(marks.map(\.end) == decoded.map { Int($0.offset + $0.bytes) })
      #expect(marks.map(\.from) == decoded.map(\.from))
      #expect(marks.map(\.to) == decoded.map(\.to))
      #expect(marks.map { Int($0.frames) } == decoded.map { $0.records.count { if case .frame = $0 { true } else { false } } })
      #expect(decoded.map(\.wall) == decoded.map { Self.label($0.from) })
      for (block, next) in zip(decoded, decoded.dropFirst()) { #expect(block.to == next.from) }
      blocks += decoded.count
    }
    #expect(blocks > 300)
  }

  @Test("Cut at any byte, a file gives every whole record before it and says how many bytes are torn")
  func everyTruncation() throws {
    var random = Mutator(seed: 42)
    let header = try SampleTraffic(seed: 1).header
    let records = (0..<60).map { _ in Self.record(&random, header) }
    let bytes = Self.encode(records, header).bytes
    var most = 0
    for length in 0...bytes.count {
      let cut = Array(bytes.prefix(length))
      do throws(JournalProblem) {
        var reader = try SampleReader(bytes: cut, name: "x")
        var found: [SampleRecord] = []
        var read = 0
        while let block = try reader.next() {
          found += block.records
          read += Int(block.bytes + block.tornBytes)
          if block.isComplete { #expect(block.tornBytes == 0) }
        }
        // A header alone has no block.
        #expect(read == length || (read == 0 && found.isEmpty), "\(length): every byte belongs to a block or is torn")
        #expect(found == Array(records.prefix(found.count)), "\(length)")
        #expect(found.count >= most, "\(length)")
        most = found.count
      } catch {
        #expect(error.kind == .tornTail, "\(length): \(error)")
      }
    }
    #expect(most == records.count)
  }

  @Test("What does not fit is counted where it is missing, and what is kept is the rest in its order", arguments: [700, 1500, 4000])
  func drops(_ limit: Int) throws {
    var random = Mutator(seed: 43)
    let header = try SampleTraffic(seed: 1).header
    var encoder = SampleEncoder(header: header, limit: limit)
    var file: [UInt8] = []
    var spare: [UInt8] = []
    var records: [SampleRecord] = []
    for round in 0..<300 {
      let record = Self.record(&random, header)
      records.append(record)
      encoder.append(record, wall: Self.label)
      // The disk takes what waits only now and then.
      if round % 70 == 69 {
        _ = encoder.drain(into: &spare)
        file += spare
      }
    }
    encoder.finish(wall: Self.label)
    _ = encoder.drain(into: &spare)
    file += spare
    let blocks = try Self.decode(file)
    let kept = blocks.flatMap(\.records)
    let dropped = blocks.reduce(0) { $0 + $1.dropped }
    #expect(dropped > 0)
    #expect(Int64(kept.count) + dropped == 300)
    var rest = records[...]
    for record in kept {
      guard let at = rest.firstIndex(of: record) else { return #expect(Bool(false), "a record that was not given") }
      rest = rest[(at + 1)...]
    }
  }

  @Test("The first version's file is written again byte for byte")
  func golden() throws {
    let path = repository + "/Tests/WireTests/Corpora/samples/session.ffs"
    let old = try bytes(of: path)
    let file = try SampleFile(dataFolder: repository + "/Tests/WireTests/Corpora", name: "samples/session.ffs")
    let blocks = file.blocks
    var encoder = SampleEncoder(header: file.header, limit: .max)
    for record in file.records {
      encoder.append(record) { time in blocks.first { $0.from == time }?.wall ?? WallTime(nanoseconds: 0) }
    }
    encoder.finish { _ in WallTime(nanoseconds: 0) }
    let again = encoder.bytes
    // Since then a second ends with two more members; everything else has its old bytes.
    #expect(again.count == old.count + 2 * file.records.count { if case .second = $0 { true } else { false } })
    #expect(Self.withoutReadings(again) == old)
  }

  /// The bytes as the first version wrote them: the last two bytes of each second, readings and late readings of zero, taken out.
  private static func withoutReadings(_ bytes: [UInt8]) -> [UInt8] {
    guard let header = bytes.firstIndex(of: 10) else { return [] }
    var out = Array(bytes[...header])
    var at = header + 1
    while at < bytes.count {
      var cursor = ByteCursor(bytes, from: at)
      guard let kind = cursor.byte(), let length = cursor.unsigned() else { return out }
      let end = cursor.at + Int(length)
      let isSecond = kind == SampleFormat.Kind.second.rawValue
      out.append(kind)
      VariableInteger.append(length - (isSecond ? 2 : 0), to: &out)
      out += bytes[cursor.at..<end - (isSecond ? 2 : 0)]
      at = end
    }
    return out
  }

  // MARK: The future

  private static func framed(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
    var bytes = [kind]
    VariableInteger.append(UInt64(payload.count), to: &bytes)
    return bytes + payload
  }

  @Test("Records of kinds that are not known yet, and members at their ends, are passed over")
  func unknown() throws {
    var traffic = try SampleTraffic()
    let records = traffic.records(seconds: 2)
    let bytes = Self.encode(records, traffic.header).bytes
    let header = try #require(bytes.firstIndex(of: 10)) + 1
    var later = Array(bytes[..<header])
    var at = header
    while at < bytes.count {
      var cursor = ByteCursor(bytes, from: at)
      let head = (kind: cursor.byte(), length: cursor.unsigned())
      let (kind, length) = (try #require(head.kind), Int(try #require(head.length)))
      let payload = Array(bytes[cursor.at..<cursor.at + length])
      // A second's own later members are these; its reader takes the first two of them.
      later += Self.framed(kind, payload + [1, 2, 3])
      if kind == SampleFormat.Kind.blockStart.rawValue { later += Self.framed(99, [7, 7, 7]) }
      at = cursor.at + length
    }
    let blocks = try Self.decode(later)
    #expect(blocks.flatMap(\.records) == records)
    #expect(blocks.map(\.unknown) == [1])
  }

  @Test("A block that counts other records than it has, a block in a block, and a record outside of one are malformed")
  func malformed() throws {
    var traffic = try SampleTraffic()
    let bytes = Self.encode(traffic.records(seconds: 1), traffic.header).bytes
    let header = Array(bytes[...(try #require(bytes.firstIndex(of: 10)))])
    let start = Self.framed(1, [0, 0, 0])
    let frame = Self.framed(2, [0, 0, 0, 0, 0, 0, 0, 0])
    for (what, records) in [
      ("too few", start + Self.framed(6, [0, 1, 0, 0, 0])), ("too many", start + frame + Self.framed(6, [0, 0, 0, 0, 0])), ("nested", start + start),
      ("outside", frame), ("kind 0", start + Self.framed(0, [])), ("short frame", start + Self.framed(2, [0, 0, 0])),
      ("a track beyond 255", start + Self.framed(2, [0x80, 0x02, 0, 0, 0, 0, 0, 0, 0])),
      ("a value beyond 64 bits", start + Self.framed(4, Array(repeating: 0xFF, count: 10) + [1, 0, 0, 0, 0, 0])),
      ("too many tracks", start + Self.framed(3, [0, 0, 0, 18, 0x81, 0x02])),
    ] {
      #expect(throws: JournalProblem.self, "\(what)") { try Self.decode(header + records) }
    }
    #expect(try Self.decode(header + start + frame + Self.framed(6, [0, 1, 0, 0, 0])).count == 1)
  }

  // MARK: Integers

  @Test("Every integer comes back from its bytes, in as few as it needs")
  func integers() throws {
    var random = Mutator(seed: 44)
    for round in 0..<2000 {
      let value = round < 65 ? (round == 64 ? .max : UInt64(1) << UInt64(round)) : random.next() >> UInt64.random(in: 0..<64, using: &random)
      for number in [value, value &- 1] {
        var bytes: [UInt8] = []
        VariableInteger.append(number, to: &bytes)
        #expect(bytes.count == max(1, (70 - number.leadingZeroBitCount) / 7))
        var cursor = ByteCursor(bytes)
        #expect(cursor.unsigned() == number && cursor.isAtEnd)
        for length in 0..<bytes.count {
          var cut = ByteCursor(Array(bytes.prefix(length)))
          #expect(cut.unsigned() == nil)
        }
        let signed = Int64(bitPattern: number)
        bytes = []
        VariableInteger.append(signed: signed, to: &bytes)
        cursor = ByteCursor(bytes)
        #expect(cursor.signed() == signed)
      }
    }
    var first: [UInt8] = []
    for value in [0, -1, 1, -2] as [Int64] { VariableInteger.append(signed: value, to: &first) }
    #expect(first == [0, 1, 2, 3])
  }

  @Test("A cursor stays within its bytes, whatever it is given")
  func cursor() {
    for (start, end) in [(-5, 2), (0, 99), (2, 1), (99, 99), (0, nil)] as [(Int, Int?)] {
      var cursor = ByteCursor([1, 2, 3], from: start, to: end)
      var count = 0
      while cursor.byte() != nil { count += 1 }
      #expect(count <= 3 && cursor.isAtEnd && cursor.byte() == nil && cursor.unsigned() == nil)
    }
    for bytes in [[0x80], Array(repeating: 0xFF, count: 10), Array(repeating: 0x80, count: 20)] as [[UInt8]] {
      var cursor = ByteCursor(bytes)
      #expect(cursor.unsigned() == nil)
    }
  }

  // MARK: The header

  @Test("A header comes back from its line; one with a member less is none")
  func header() throws {
    let header = try SampleTraffic().header
    let line = SampleHeaderLine.bytes(header)
    #expect(SampleHeaderLine.parse(line[...]) == header)
    let json = try #require(try JSON(parsing: line.dropLast()).objectValue)
    for key in json.keys where key != "roundTripMethod" {
      var less = json
      less[key] = nil
      let text = Array((JSON.object(less).text + "\n").utf8)
      #expect(SampleHeaderLine.parse(text[...]) == nil, "without \(key)")
    }
    #expect(SampleHeaderLine.parse(line.dropLast()) == nil)
    #expect(SampleHeaderLine.parse([]) == nil)
    var random = Mutator(seed: 45)
    for _ in 0..<1500 {
      if let other = SampleHeaderLine.parse(random.mutate(line, with: line)[...]) { #expect(other.tracks.count <= header.tracks.count * 3) }
    }
  }
}

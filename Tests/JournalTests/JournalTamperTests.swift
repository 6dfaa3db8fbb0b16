import Glibc
import Model
import Testing

@testable import Journal

/// Each kind of tampering with a journal of two files, and what the check says of it.
@Suite("A journal that was tampered with")
struct JournalTamperTests {
  let folder: TemporaryFolder
  let identity: NodeIdentity
  let first: [[UInt8]]
  let second: [[UInt8]]

  init() async throws {
    folder = try TemporaryFolder()
    identity = try NodeIdentity.load(dataFolder: folder.path)
    for _ in 0..<2 {
      let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = 2500 }
      for number in 0..<5 { _ = try await journal.commit("verdict", ["incident": .string("i\(number)"), "pass": true]) }
      await journal.close()
    }
    first = try lines(of: folder.path + "/journal/journal-000001.jsonl")
    second = try lines(of: folder.path + "/journal/journal-000002.jsonl")
    try #require(try Disk.entries(folder.path + "/journal") == ["heads.jsonl", "journal-000001.jsonl", "journal-000002.jsonl", "lock"])
    try #require(first.count > 5 && second.count > 4)
    try #require(Journal.verify(dataFolder: folder.path) == [])
  }

  private func path(_ file: Int) -> String { folder.path + "/journal/" + JournalFiles.name(file) }
  private var heads: String { folder.path + "/journal/heads.jsonl" }
  private func replace(_ file: Int, with lines: [[UInt8]]) throws { try write(Array(lines.joined()), to: path(file)) }
  private func problems(key: NodePublicKey? = nil) -> [String] {
    Journal.verify(dataFolder: folder.path, key: key).map { "\($0.kind.rawValue) \($0.file.dropFirst(8)):\($0.line)" }
  }

  /// The chain written anew from some line on: every `prev` holds, as a forger without the key would do it.
  private func rechained(_ lines: [[UInt8]], from start: Int, after hash: String) throws -> [[UInt8]] {
    var hash = hash
    var out = Array(lines.prefix(start))
    for line in lines.dropFirst(start) {
      let fact = try JournalLine.parse(line)
      let body = try JournalLine.body(kind: fact.kind, fields: fact.fields.filter { !JournalLine.envelope.contains($0.key) })
      let again = JournalLine.bytes(
        node: fact.node, boot: fact.boot, sequence: fact.sequence, bootTime: fact.bootTime, wall: fact.wall, kind: fact.kind, previous: hash,
        body: body)
      hash = JournalLine.hash(again)
      out.append(again)
    }
    return out
  }

  private static func replacing(_ line: [UInt8], _ old: String, _ new: String) -> [UInt8] { Array(text(line).replacing(old, with: new).utf8) }

  @Test("A line that was changed and still parses is named")
  func changed() throws {
    var lines = first
    lines[2] = Self.replacing(lines[2], "true", "false")
    try replace(1, with: lines)
    #expect(problems() == ["changed journal-000001.jsonl:3"])
  }

  @Test("A changed last line, which no line follows, is betrayed by the head")
  func changedLast() throws {
    var lines = second
    lines[lines.count - 1] = Self.replacing(lines[lines.count - 1], "closed", "crashd")
    try replace(2, with: lines)
    #expect(problems().contains("changed journal-000002.jsonl:\(lines.count)"))
  }

  @Test("A removed line is named, at the file's seam as its cut tail")
  func removed() throws {
    for at in first.indices {
      var lines = first
      lines.remove(at: at)
      try replace(1, with: lines)
      let expected = at == first.count - 1 ? "cutTail journal-000001.jsonl:\(first.count)" : "sequence journal-000001.jsonl:\(at + 1)"
      #expect(problems().first == expected, "\(at)")
    }
  }

  @Test("Two swapped lines are named")
  func swapped() throws {
    var lines = second
    lines.swapAt(1, 3)
    try replace(2, with: lines)
    #expect(problems().first == "sequence journal-000002.jsonl:2")
  }

  @Test("A line that was put in is named, whether it is a copy or made for its place")
  func inserted() throws {
    var copied = first
    copied.insert(first[3], at: 4)
    try replace(1, with: copied)
    #expect(problems().first == "sequence journal-000001.jsonl:5")
    let before = try JournalLine.parse(first[3])
    let forged = JournalLine.bytes(
      node: "county", boot: before.boot, sequence: before.sequence + 1, bootTime: before.bootTime, wall: before.wall, kind: "verdict",
      previous: before.hash, body: try JournalLine.body(kind: "verdict", fields: ["incident": "forged"]))
    var lines = first
    lines.insert(forged, at: 4)
    try replace(1, with: lines)
    #expect(problems().first == "sequence journal-000001.jsonl:6")
  }

  @Test("A tail that was cut is named: inside a line, at a line, and a whole file")
  func cutTail() throws {
    let whole = Array(second.joined())
    try write(Array(whole.dropLast(30)), to: path(2))
    #expect(problems().contains { $0.hasPrefix("tornTail journal-000002.jsonl") })
    #expect(problems().contains { $0.hasPrefix("cutTail journal-000002.jsonl") }, "the head knows of the line that was torn")
    try replace(2, with: second.dropLast(2))
    #expect(problems() == ["cutTail journal-000002.jsonl:\(second.count - 1)"])
    unlink(path(2))
    #expect(problems() == ["cutTail journal-000001.jsonl:\(first.count + 1)"])
  }

  @Test("A chain that was written anew from a change on has every link, and is betrayed by the heads")
  func rewritten() throws {
    var lines = first
    lines[2] = Self.replacing(lines[2], "true", "false")
    let anew = try rechained(lines, from: 2, after: JournalLine.hash(first[1]))
    try replace(1, with: anew)
    try replace(2, with: try rechained(second, from: 0, after: JournalLine.hash(try #require(anew.last))))
    #expect(Journal.read(dataFolder: folder.path).problem == nil, "link by link it holds")
    let found = problems()
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0.hasPrefix("changed") })
  }

  @Test("Heads signed with another key are foreign, also where they hold")
  func foreignHeads() throws {
    let stranger = try NodeIdentity.temporary()
    var forged: [UInt8] = []
    for line in try lines(of: heads) {
      let head = try #require(ChainHead(line: line))
      forged += try ChainHead.sign(
        chain: head.chain, node: head.node, boot: head.boot, sequence: head.sequence, hash: head.hash, bootTime: head.bootTime,
        wall: try #require(WallTime(head.wall)), by: stranger
      ).line
    }
    try write(forged, to: heads)
    #expect(problems().allSatisfy { $0.hasPrefix("headForeign heads.jsonl") })
    #expect(problems().count == 4)
    #expect(problems(key: stranger.publicKey) == [])
  }

  @Test("A head that is out of order, of another chain, or no head at all is named")
  func badHeads() throws {
    let good = try lines(of: heads)
    try write(Array(good.reversed().joined()), to: heads)
    #expect(problems().allSatisfy { $0.hasPrefix("headInvalid heads.jsonl") } && problems().count == good.count - 1)
    let other = try ChainHead.sign(
      chain: "archive/x", node: "county", boot: "b", sequence: 1, hash: JournalLine.zeroHash, bootTime: BootTime(nanoseconds: 1),
      wall: WallTime(nanoseconds: 1), by: identity)
    try write(Array(good.joined()) + other.line + Array("{}\n".utf8), to: heads)
    #expect(problems() == ["headInvalid heads.jsonl:\(good.count + 1)", "headInvalid heads.jsonl:\(good.count + 2)"])
    try write(Array(good.joined()) + [0x7B], to: heads)
    #expect(problems() == ["tornTail heads.jsonl:\(good.count + 1)"])
  }

  @Test("A file in between that is gone is named, and what follows is still checked")
  func missingFile() throws {
    var lines = second
    lines[2] = Self.replacing(lines[2], "true", "false")
    try replace(2, with: lines)
    rename(path(2), path(5))
    let found = Journal.verify(dataFolder: folder.path)
    #expect(found.first?.kind == .missingFile)
    #expect(found.first?.detail == "this file and the 2 after it are not there")
    #expect(found.contains { $0.kind == .changed && $0.file.hasSuffix("journal-000005.jsonl") && $0.line == 3 })
  }

  @Test("A file number from the end of the world neither traps nor takes for ever", arguments: ["99999999", "100000000", "9223372036854775807"])
  func hugeNumber(_ digits: String) async throws {
    rename(path(2), folder.path + "/journal/journal-\(digits).jsonl")
    #expect(!Journal.verify(dataFolder: folder.path).isEmpty)
    _ = Journal.read(dataFolder: folder.path)
    let journal = try Journal.test(folder, identity: identity)
    await journal.close()
    #expect(!Journal.verify(dataFolder: folder.path).isEmpty)
  }

  @Test("A number from the end of the world in a line neither traps the check, nor the reader, nor the node that goes on from there")
  func hugeSequence() async throws {
    for (index, number) in [Int64.max, Int64.max - 1, Int64.max / 2, Int64.max / 2 + 1, 0, -1, Int64.min].enumerated() {
      for file in [1, 2] {
        let lines = file == 1 ? first : second
        for at in [0, lines.count - 1] {
          let own = try JournalLine.parse(lines[at]).sequence
          var changed = lines
          changed[at] = Self.replacing(lines[at], "\"seq\":\(own),", "\"seq\":\(number),")
          try replace(file, with: changed)
          #expect(!Journal.verify(dataFolder: folder.path).isEmpty, "\(number) in line \(at) of \(file)")
          #expect(
            Journal.read(dataFolder: folder.path).problem != nil || Journal.read(dataFolder: folder.path).facts.count < first.count + second.count)
          let copy = try TemporaryFolder()
          #expect(try run(["cp", "-r", folder.path + "/journal", folder.path + "/keys", copy.path]).status == 0)
          let journal = try Journal.test(copy, identity: identity)
          if index < 2 { _ = try await journal.commit("verdict", [:]) }
          await journal.close()
          try replace(file, with: lines)
        }
      }
    }
    #expect(Journal.verify(dataFolder: folder.path) == [])
  }

  @Test("A line of another node's journal does not pass, whatever its number")
  func foreignLine() async throws {
    let other = try TemporaryFolder()
    let journal = try Journal.test(other, identity: try NodeIdentity.load(dataFolder: other.path), clock: TestClock(99))
    for number in 0..<5 { _ = try await journal.commit("verdict", ["incident": .string("other\(number)")]) }
    await journal.close()
    let foreign = try lines(of: other.path + "/journal/journal-000001.jsonl")
    for at in 1..<4 {
      var changed = first
      changed[at] = foreign[at]
      try replace(1, with: changed)
      #expect(!problems().isEmpty)
    }
  }
}

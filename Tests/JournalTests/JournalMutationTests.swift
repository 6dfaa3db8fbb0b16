import FirstFrameTesting
import Glibc
import Model
import Testing

@testable import Journal

/// Damages a real journal of three files at random places and asks each time whether it is found, and found there.
@Suite("A journal that someone changed")
struct JournalMutationTests {
  struct Damage {
    var file: Int
    /// Where the first problem must lie: from the first to the last of these lines.
    var lines: ClosedRange<Int>
    var what: String
  }

  let folder: TemporaryFolder
  let files: [[[UInt8]]]

  init() async throws {
    folder = try TemporaryFolder()
    let identity = try NodeIdentity.load(dataFolder: folder.path)
    for _ in 0..<3 {
      let journal = try Journal.test(folder, identity: identity) { $0.maximumFileBytes = 4000 }
      for number in 0..<11 {
        _ = try await journal.commit(
          "quality.window", ["stream": .string("live/摄像头\(number)"), "lossPPM": .int(Int64(number * 7)), "pass": true])
      }
      await journal.close()
    }
    let path = folder.path
    let read = try (1...3).map { try lines(of: path + "/journal/" + JournalFiles.name($0)) }
    files = read
    try #require(try Disk.entries(path + "/journal").filter { $0.hasPrefix("journal-") }.count == 3)
    try #require(read.allSatisfy { $0.count > 10 })
    try #require(Journal.verify(dataFolder: path) == [])
  }

  func path(_ file: Int) -> String { folder.path + "/journal/" + JournalFiles.name(file + 1) }

  func flip(_ random: inout Mutator) throws -> Damage {
    let file = Int.random(in: 0..<3, using: &random)
    let line = Int.random(in: 0..<files[file].count, using: &random)
    var changed = files[file]
    let byte = Int.random(in: 0..<changed[line].count, using: &random)
    changed[line][byte] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    try write(Array(changed.joined()), to: path(file))
    return Damage(file: file, lines: line + 1...line + 1, what: "flip in line \(line + 1) byte \(byte)")
  }

  func cut(_ random: inout Mutator) throws -> Damage {
    let file = Int.random(in: 0..<3, using: &random)
    let whole = Array(files[file].joined())
    let length = Int.random(in: 0..<whole.count, using: &random)
    try write(Array(whole.prefix(length)), to: path(file))
    let line = whole.prefix(length).filter { $0 == 10 }.count + 1
    // An emptied file has no line: the problem lies at its seam, in the file before.
    if line == 1, file > 0, length == 0 { return Damage(file: file - 1, lines: 1...999, what: "emptied") }
    return Damage(file: file, lines: line...line, what: "cut to \(length) bytes")
  }

  func swap(_ random: inout Mutator) throws -> Damage {
    let file = Int.random(in: 0..<3, using: &random)
    var changed = files[file]
    let first = Int.random(in: 0..<changed.count - 1, using: &random)
    let second = Int.random(in: first + 1..<changed.count, using: &random)
    changed.swapAt(first, second)
    try write(Array(changed.joined()), to: path(file))
    return Damage(file: file, lines: first + 1...first + 1, what: "swapped lines \(first + 1) and \(second + 1)")
  }

  func take(_ random: inout Mutator) throws -> Damage {
    let file = Int.random(in: 0..<3, using: &random)
    var changed = files[file]
    let line = Int.random(in: 0..<changed.count, using: &random)
    changed.remove(at: line)
    try write(Array(changed.joined()), to: path(file))
    return Damage(file: file, lines: line + 1...line + 1, what: "took out line \(line + 1)")
  }

  func missing(_ random: inout Mutator) throws -> Damage {
    let file = Int.random(in: 0..<3, using: &random)
    unlink(path(file))
    // That the last file is gone can only be told at the end of the one before.
    return file == 2 ? Damage(file: 1, lines: 1...999, what: "last file gone") : Damage(file: file, lines: 0...0, what: "file gone")
  }

  /// Whether a file lost its last line or the next one its first cannot be told: both are the seam.
  func isAtSeam(_ damage: Damage, _ problems: [JournalProblem]) -> Bool {
    damage.file > 0 && damage.lines.contains(1)
      && problems.contains {
        $0.kind == .cutTail && $0.file == "journal/" + JournalFiles.name(damage.file) && $0.line == files[damage.file - 1].count + 1
      }
  }

  @Test("320 flips, cuts, swaps, lines taken out and files removed are all found, and at their place")
  func everything() throws {
    var random = Mutator(seed: 7)
    for round in 0..<320 {
      let damage =
        switch round % 8 {
        case 0...2: try flip(&random)
        case 3, 4: try cut(&random)
        case 5: try swap(&random)
        case 6: try take(&random)
        default: try missing(&random)
        }
      let problems = Journal.verify(dataFolder: folder.path)
      let name = "journal/" + JournalFiles.name(damage.file + 1)
      #expect(!problems.isEmpty, "round \(round): \(damage.what) was not found")
      #expect(
        problems.contains { $0.file == name && damage.lines.contains($0.line) } || isAtSeam(damage, problems),
        "round \(round): \(damage.what) in \(name) was looked for at \(damage.lines), found: \(problems)")
      #expect(problems.count <= 4, "round \(round): \(damage.what) gave \(problems)")
      // The stream of facts stops at the first break as well, or gives fewer facts than the head knows of.
      let read = Journal.read(dataFolder: folder.path)
      #expect(
        read.problem != nil || read.facts.count < 39 || problems.allSatisfy { $0.line == files[2].count }, "round \(round): \(damage.what)")
      for file in 0..<3 { try write(Array(files[file].joined()), to: path(file)) }
    }
    #expect(Journal.verify(dataFolder: folder.path) == [])
  }

  @Test("Every bit of every head counts")
  func heads() throws {
    let path = folder.path + "/journal/heads.jsonl"
    let good = try bytes(of: path)
    for bit in stride(from: 0, to: good.count * 8, by: 41) {
      var changed = good
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      try write(changed, to: path)
      let line = good.prefix(bit / 8).filter { $0 == 10 }.count + 1
      let problems = Journal.verify(dataFolder: folder.path)
      #expect(problems.contains { $0.file == "journal/heads.jsonl" && $0.line == line }, "bit \(bit): \(problems)")
    }
  }

  @Test("A journal written again from the start, with a key of the forger's own, is found by the node's key")
  func forged() async throws {
    let node = try #require(NodePublicKey(dataFolder: folder.path))
    let forgery = try TemporaryFolder()
    let journal = try Journal.test(forgery, identity: try NodeIdentity.load(dataFolder: forgery.path))
    await journal.close()
    #expect(Journal.verify(dataFolder: forgery.path) == [])
    #expect(Journal.verify(dataFolder: forgery.path, key: node).contains { $0.kind == .headForeign })
  }

  @Test("Lines mutated in any way never trap the parsers, and none but the real bytes pass for the line")
  func fuzz() throws {
    var random = Mutator(seed: 11)
    let real = files[1]
    for round in 0..<3000 {
      let line = real[round % real.count]
      let mutant = random.mutate(line, with: real[(round + 1) % real.count])
      guard mutant != line, let fact = try? JournalLine.parse(mutant) else { continue }
      #expect(fact.hash != JournalLine.hash(line))
    }
    let head = try #require(try lines(of: folder.path + "/journal/heads.jsonl").first)
    for _ in 0..<3000 {
      let mutant = random.mutate(head)
      if mutant != head, let parsed = ChainHead(line: mutant) { #expect(!parsed.isValid, "\(text(mutant))") }
    }
  }
}

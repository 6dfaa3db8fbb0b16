import FirstFrameTesting
import Glibc
import Model
import Testing

@testable import Journal

@Suite("Lines of a file")
struct LineReaderTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }
  var path: String { folder.path + "/file" }

  private func read(_ bytes: [UInt8], at offset: Int64 = 0) throws -> (lines: [LineReader.Line], rest: LineReader.Line) {
    try write(bytes, to: path)
    let reader = try #require(try LineReader(path, at: offset))
    var lines: [LineReader.Line] = []
    while let line = try reader.next() { lines.append(line) }
    return (lines, reader.rest)
  }

  @Test("Lines of any length come with their offsets, and what has no LF is the rest")
  func lines() throws {
    var random = Mutator(seed: 51)
    for _ in 0..<60 {
      let sizes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        [0, 1, 70_000, 262_143, 262_144, 262_145, 5][Int.random(in: 0..<7, using: &random)]
      }
      let tail = Int.random(in: 0...9, using: &random)
      let bytes = sizes.flatMap { [UInt8](repeating: 65, count: $0) + [10] } + [UInt8](repeating: 66, count: tail)
      let (lines, rest) = try read(bytes)
      #expect(lines.map(\.bytes.count) == sizes.map { $0 + 1 })
      #expect(lines.allSatisfy { $0.isWhole && $0.bytes.last == 10 })
      var offset: Int64 = 0
      for line in lines {
        #expect(line.offset == offset)
        offset += Int64(line.bytes.count)
      }
      #expect(rest.offset == offset && rest.bytes.count == tail && !rest.isWhole)
    }
  }

  @Test("A run that is longer than a line may be is cut off as no whole line, and the next line is found")
  func tooLong() throws {
    let (lines, _) = try read([UInt8](repeating: 65, count: 2 * JournalLine.maximumBytes) + [10] + Array("next\n".utf8))
    #expect(lines.count >= 2)
    #expect(lines.dropLast(2).allSatisfy { !$0.isWhole && $0.bytes.count > JournalLine.maximumBytes })
    #expect(lines.last?.bytes == Array("next\n".utf8))
    #expect(lines.reduce(0) { $0 + $1.bytes.count } == 2 * JournalLine.maximumBytes + 6)
  }

  @Test("Asked again after the file has grown, it goes on; begun in the middle, it begins there; without a file there is nothing")
  func growth() throws {
    try write(Array("one\ntw".utf8), to: path)
    let reader = try #require(try LineReader(path))
    #expect(try reader.next()?.bytes == Array("one\n".utf8))
    #expect(try reader.next() == nil)
    let file = open(path, O_WRONLY | O_APPEND)
    _ = Glibc.write(file, "o\nthree\n", 8)
    close(file)
    #expect(try reader.next()?.bytes == Array("two\n".utf8))
    #expect(try reader.next()?.offset == 8)
    #expect(try LineReader(path, at: 4)?.next()?.bytes == Array("two\n".utf8))
    #expect(try LineReader(path, at: 500)?.next() == nil)
    #expect(try LineReader(folder.path + "/nothing") == nil)
    #expect(throws: Fault.self) { try LineReader(self.folder.path)?.next() }
  }

  @Test("Names of journal files and their numbers turn into each other, and nothing else passes for one")
  func names() {
    for index in [1, 9, 999_999, 1_000_000, JournalFiles.mostFiles] { #expect(JournalFiles.index(JournalFiles.name(index)) == index) }
    for name in [
      "journal-000000.jsonl", "journal-00001.jsonl", "journal-0000001.jsonl", "journal--00001.jsonl", "journal-+00001.jsonl", "journal-000001.json",
      "journal-100000000.jsonl", "Journal-000001.jsonl", "journal-00000a.jsonl", "journal-.jsonl", "heads.jsonl", "",
    ] { #expect(JournalFiles.index(name) == nil, "\(name)") }
  }
}

import FirstFrameTesting
import Foundation
import Journal
import Measure
import Model
import Report
import Testing

@Suite("A damaged folder", .serialized, .enabled(if: Script.isThere, "python3 runs scripts/recompute.py"))
struct HostileFolderTests {
  /// A sound folder, and copies of it to spoil.
  private static func sound(steps: Int = 60) async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try await MadeUpFolder.make(folder.path, seed: 42, steps: steps)
    let fine = try Script.recompute(folder.path)
    #expect(fine.errors == "")
    #expect(!fine.output.isEmpty)
    return folder
  }

  private static func copy(_ folder: TemporaryFolder) throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    try FileManager.default.removeItem(atPath: copy.path)
    try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
    return copy
  }

  private static func names(_ folder: TemporaryFolder, _ ending: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []
    return all.filter { $0.hasSuffix(ending) }.sorted()
  }

  private static func edit(_ folder: TemporaryFolder, _ name: String, _ change: (inout [UInt8]) -> Void) throws {
    let url = URL(fileURLWithPath: folder.path + "/" + name)
    var bytes = Array(try Data(contentsOf: url))
    change(&bytes)
    try Data(bytes).write(to: url)
  }

  @Test("is told by both: what, in which file and where; nothing is printed that could be taken for a result")
  func damage() async throws {
    let sound = try await HostileFolderTests.sound(steps: 150)
    let journal = "journal/journal-000001.jsonl"
    let samples = try #require(HostileFolderTests.names(sound, ".ffs").first)
    let last = try #require(HostileFolderTests.names(sound, ".jsonl").last { $0.contains("journal-0") })
    let cases: [(String, String, String, (TemporaryFolder) throws -> Void)] = [
      ("half a line", last, "tornTail", { try HostileFolderTests.edit($0, last) { $0.removeLast(20) } }),
      (
        "the last line gone", last, "cutTail",
        { folder in
          try HostileFolderTests.edit(folder, last) { bytes in
            bytes.removeLast()
            while bytes.last != 10 { bytes.removeLast() }
          }
        }
      ),
      ("one bit", journal, "", { folder in try HostileFolderTests.edit(folder, journal) { $0[$0.count / 2] ^= 1 } }),
      (
        "a line gone", journal, "",
        { folder in
          try HostileFolderTests.edit(folder, journal) { bytes in
            let lines = bytes.split(separator: 10, omittingEmptySubsequences: true)
            bytes = Array((lines[..<3] + lines[4...]).joined(separator: [10])) + [10]
          }
        }
      ),
      ("the first file gone", journal, "missingFile", { try FileManager.default.removeItem(atPath: $0.path + "/" + journal) }),
      (
        "a head forged", "journal/heads.jsonl", "headInvalid",
        { folder in
          try HostileFolderTests.edit(folder, "journal/heads.jsonl") { bytes in
            let at = bytes.count - 10
            bytes[at] = bytes[at] == 48 ? 49 : 48
          }
        }
      ),
      ("samples gone", samples, "missingFile", { try FileManager.default.removeItem(atPath: $0.path + "/" + samples) }),
      ("samples cut", samples, "cutTail", { try HostileFolderTests.edit($0, samples) { $0.removeLast(9) } }),
      ("samples flipped", samples, "changed", { folder in try HostileFolderTests.edit(folder, samples) { $0[$0.count / 2] ^= 4 } }),
      ("bytes behind the samples", samples, "", { folder in try HostileFolderTests.edit(folder, samples) { $0 += [2, 90, 0] } }),
    ]
    for (name, file, what, spoil) in cases {
      let folder = try HostileFolderTests.copy(sound)
      try spoil(folder)
      let theirs = try Script.recompute(folder.path)
      #expect(theirs.status == 1, "\(name)")
      #expect(theirs.output.isEmpty, "\(name)")
      #expect(theirs.errors.contains(file) && theirs.errors.contains("byte"), "\(name): \(theirs.errors)")
      #expect(what.isEmpty || theirs.errors.contains(what), "\(name): \(theirs.errors)")
      #expect(!theirs.errors.contains("Traceback"), "\(name): \(theirs.errors)")
      guard let ours = try? RecomputedFolder(dataFolder: folder.path, sha256: MadeUpFolder.sha256) else { continue }
      #expect(!ours.isSound, "\(name)")
      #expect(ours.problems.contains { $0.file == file }, "\(name): \(ours.problems)")
    }
  }

  @Test("whatever its bytes are never makes the script fail otherwise than by saying so")
  func mutants() async throws {
    let sound = try await HostileFolderTests.sound()
    let names = HostileFolderTests.names(sound, ".ffs") + HostileFolderTests.names(sound, ".jsonl").filter { $0.hasPrefix("journal") }
    var random = Mutator(seed: 4)
    for _ in 0..<12 {
      let folder = try HostileFolderTests.copy(sound)
      let name = names[Int.random(in: 0..<names.count, using: &random)]
      try HostileFolderTests.edit(folder, name) { $0 = random.mutate($0) }
      let theirs = try Script.recompute(folder.path)
      #expect(!theirs.errors.contains("Traceback"), "\(name): \(theirs.errors)")
      let ours = try? RecomputedFolder(dataFolder: folder.path, sha256: MadeUpFolder.sha256)
      if ours?.problems.isEmpty == true {
        // A mutation that undid itself.
        let isSame = String(decoding: theirs.output, as: UTF8.self) == (ours?.recomputation.json.text ?? "") + "\n"
        #expect(isSame, "\(name): \(theirs.errors)")
      } else {
        #expect(theirs.status == 1, "\(name)")
      }
    }
  }

  @Test("that is no data folder is a usage error")
  func usage() throws {
    let folder = try TemporaryFolder()
    #expect(try Script.recompute(folder.path).status == 2)
  }
}

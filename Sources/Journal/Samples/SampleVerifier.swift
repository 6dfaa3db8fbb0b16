internal import Crypto
internal import FoundationEssentials
internal import Model

/// Holds one sample file against the facts about it.
struct SampleVerifier {
  let name: String
  let claims: [Fact]

  func run(dataFolder: String) -> [JournalProblem] {
    // A name out of a journal that someone else wrote must not lead elsewhere.
    guard name.hasPrefix("samples/"), !name.split(separator: "/").contains("..") else {
      return [problem(.malformed, 0, 0, "not a sample file's name")]
    }
    let found: [UInt8]?
    do throws(Fault) {
      found = try Disk.read(dataFolder + "/" + name, limit: 1 << 32)
    } catch {
      return [problem(.unreadable, 0, 0, error.detail)]
    }
    guard let bytes = found else { return [problem(.missingFile, 0, 0, "the file is not there")] }
    return check(bytes)
  }

  func check(_ bytes: [UInt8]) -> [JournalProblem] {
    var problems: [JournalProblem] = []
    var end: Int64 = 0
    for claim in claims {
      guard let offset = claim["offset"]?.intValue, let count = claim["bytes"]?.intValue, let sha256 = claim["sha256"]?.stringValue,
        let index = claim["index"]?.intValue, offset >= 0, count > 0, count <= 1 << 40
      else {
        problems.append(problem(.malformed, 0, 0, "fact \(claim.sequence) says nothing of a block"))
        continue
      }
      if offset != end { problems.append(problem(.sequence, index, end, "fact \(claim.sequence) begins at \(offset)")) }
      end = offset &+ count
      guard end <= bytes.count else {
        problems.append(problem(.cutTail, index, Int64(bytes.count), "fact \(claim.sequence) knows of \(end) bytes"))
        return problems
      }
      guard Hex.encode(SHA256.hash(data: bytes[Int(offset)..<Int(end)])) != sha256 else { continue }
      let at = firstMalformed(bytes, from: offset, to: end) ?? offset
      problems.append(problem(.changed, index, at, "block \(index) at \(offset), \(count) bytes, is not the one of fact \(claim.sequence)"))
    }
    return problems + checkRest(bytes, from: end, hasProblems: !problems.isEmpty)
  }

  /// The record that no longer parses, if the change made one; else the hash says no more than the block.
  private func firstMalformed(_ bytes: [UInt8], from: Int64, to: Int64) -> Int64? {
    do throws(JournalProblem) {
      var reader = try SampleReader(bytes: Array(bytes[..<Int(to)]), name: name)
      while let block = try reader.next() {
        if block.tornBytes > 0 { return block.offset &+ block.bytes }
      }
      return nil
    } catch {
      return error.byte >= from ? error.byte : nil
    }
  }

  private func checkRest(_ bytes: [UInt8], from end: Int64, hasProblems: Bool) -> [JournalProblem] {
    guard !hasProblems, end < bytes.count else { return [] }
    do throws(JournalProblem) {
      var reader = try SampleReader(bytes: bytes, name: name)
      while let block = try reader.next() {
        if block.tornBytes > 0 {
          return [problem(.tornTail, block.index, block.offset &+ block.bytes, "\(block.tornBytes) bytes that are no whole record")]
        }
      }
      return []
    } catch {
      return [error]
    }
  }

  private func problem(_ kind: JournalProblem.Kind, _ index: Int64, _ byte: Int64, _ detail: String) -> JournalProblem {
    JournalProblem(kind, file: name, line: Int(truncatingIfNeeded: index &+ 1), byte: byte, detail: detail)
  }
}

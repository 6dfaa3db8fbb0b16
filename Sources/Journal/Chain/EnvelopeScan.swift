internal import Model

/// Reads number and `prev` out of a line that this program wrote, without parsing the rest: at a start the last file is walked in a fraction of the time,
/// and a relay is to be back within seconds. Anything that is not exactly of the writer's form gives nil; ``JournalLine/parse(_:)`` then says why.
struct EnvelopeScan {
  var sequence: Int64
  var previous: ArraySlice<UInt8>

  init?(_ line: [UInt8]) {
    var at = 0
    guard EnvelopeScan.skip(#"{"v":1,"node":""#, line, &at), EnvelopeScan.skipString(line, &at),
      EnvelopeScan.skip(#","boot":""#, line, &at), EnvelopeScan.skipString(line, &at),
      EnvelopeScan.skip(#","seq":"#, line, &at), let sequence = EnvelopeScan.number(line, &at),
      (1...JournalLine.largestSequence).contains(sequence),
      EnvelopeScan.skip(#","boottimeNs":"#, line, &at), EnvelopeScan.number(line, &at) != nil,
      EnvelopeScan.skip(#","wall":""#, line, &at), EnvelopeScan.skipString(line, &at),
      EnvelopeScan.skip(#","kind":""#, line, &at), EnvelopeScan.skipString(line, &at),
      EnvelopeScan.skip(#","prev":""#, line, &at), line.count - at > 66
    else { return nil }
    self.sequence = sequence
    previous = line[at..<at + 64]
    guard line[at + 64] == UInt8(ascii: "\""), line[line.count - 2] == UInt8(ascii: "}"), line.last == 10 else { return nil }
  }

  private static func skip(_ text: StaticString, _ line: [UInt8], _ at: inout Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard line.count - at >= count else { return false }
    for index in 0..<count where line[at + index] != text.utf8Start[index] { return false }
    at += count
    return true
  }

  /// Past the closing quote. A string with an escape is left to the parser.
  private static func skipString(_ line: [UInt8], _ at: inout Int) -> Bool {
    while at < line.count {
      defer { at += 1 }
      if line[at] == UInt8(ascii: "\"") { return true }
      if line[at] == UInt8(ascii: "\\") { return false }
    }
    return false
  }

  private static func number(_ line: [UInt8], _ at: inout Int) -> Int64? {
    var value: Int64 = 0
    let isNegative = at < line.count && line[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let start = at
    while at < line.count, line[at] >= 48, line[at] <= 57 {
      let (scaled, tooBig) = value.multipliedReportingOverflow(by: 10)
      let (sum, beyond) = scaled.addingReportingOverflow(Int64(line[at] - 48))
      guard !tooBig, !beyond else { return nil }
      value = sum
      at += 1
    }
    return at > start ? (isNegative ? 0 &- value : value) : nil
  }
}

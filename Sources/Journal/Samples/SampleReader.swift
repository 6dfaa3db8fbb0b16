internal import Crypto
internal import FoundationEssentials
public import Model

/// Reads a sample file block by block, from any bytes without a trap (docs/samples.md).
public struct SampleReader: Sendable {
  /// What the records are samples of.
  public let header: SampleHeader
  /// The file's name as it stands in problems.
  public let name: String
  private let bytes: [UInt8]
  private var offset = 0
  private var at: Int

  /// Reads the whole file into memory. Blocks. Throws `.missingFile`, `.unreadable`, or `.malformed` where the header is none.
  /// - Parameter name: as it stands in problems; usually the path below the data folder. Nil for `path`.
  public init(path: String, name: String? = nil) throws(JournalProblem) {
    let name = name ?? path
    let found: [UInt8]?
    do throws(Fault) {
      found = try Disk.read(path, limit: 1 << 32)
    } catch {
      throw JournalProblem(.unreadable, file: name, line: 0, byte: 0, detail: error.detail)
    }
    guard let found else { throw JournalProblem(.missingFile, file: name, line: 0, byte: 0, detail: "the file is not there") }
    try self.init(bytes: found, name: name)
  }

  /// Reads a file's bytes. Throws `.malformed` where the header is none, `.tornTail` where it is cut off.
  public init(bytes: [UInt8], name: String) throws(JournalProblem) {
    let end = bytes.prefix(64 << 10).firstIndex(of: 10)
    guard let end, let header = SampleHeaderLine.parse(bytes[...end]) else {
      // A file cut inside its header is a torn one; what is no header is none.
      let kind: JournalProblem.Kind = end == nil && bytes.count < 64 << 10 ? .tornTail : .malformed
      throw JournalProblem(kind, file: name, line: 1, byte: 0, detail: "the header line is not whole")
    }
    self.header = header
    self.name = name
    self.bytes = bytes
    at = end + 1
  }

  /// The next block, the last one also when it is cut off; nil at the end. Throws `.malformed` at the first record that cannot be understood, and `.tornTail`
  /// for a last record that is cut off at the very start of a block.
  public mutating func next() throws(JournalProblem) -> SampleBlock? {
    guard at < bytes.count else { return nil }
    var decoder = SampleDecoder()
    while at < bytes.count, !decoder.isComplete {
      guard let record = SampleReader.frame(bytes, at) else {
        decoder.block.tornBytes = Int64(bytes.count - at)
        break
      }
      do throws(LineError) {
        try decoder.apply(kind: record.kind, ByteCursor(bytes, from: record.start, to: record.end))
      } catch {
        throw JournalProblem(.malformed, file: name, line: Int(decoder.block.index &+ 1), byte: Int64(at), detail: error.message)
      }
      at = record.end
    }
    if !decoder.hasStart {
      let torn = bytes.count - at
      defer { at = bytes.count }
      throw JournalProblem(.tornTail, file: name, line: 0, byte: Int64(at), detail: "\(torn) bytes that are no whole record")
    }
    var block = decoder.block
    block.offset = Int64(offset)
    block.bytes = Int64(at - offset)
    block.sha256 = Hex.encode(SHA256.hash(data: bytes[offset..<at]))
    block.isComplete = decoder.isComplete
    offset = at
    if block.tornBytes > 0 { at = bytes.count }
    return block
  }

  /// A record's kind and payload; nil when it is not whole.
  private static func frame(_ bytes: [UInt8], _ at: Int) -> (kind: UInt8, start: Int, end: Int)? {
    var cursor = ByteCursor(bytes, from: at)
    guard let kind = cursor.byte(), let length = cursor.unsigned(), let count = Int(exactly: length) else { return nil }
    let (end, overflow) = cursor.at.addingReportingOverflow(count)
    guard !overflow, end <= bytes.count else { return nil }
    return (kind, cursor.at, end)
  }
}

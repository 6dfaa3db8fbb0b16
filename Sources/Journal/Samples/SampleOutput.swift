internal import Crypto
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import Model

/// One session's file, as the writer's thread sees it.
final class SampleOutput {
  let session: SampleSession
  private let place: SampleWriter.Place
  private var file: AppendFile?
  private var name = ""
  private var pending: [UInt8] = []
  private var marks: [SampleEncoder.Mark] = []
  private var isLast = false
  private var isFailing = false
  private var hash = SHA256()
  /// Where the open block begins.
  private var blockOffset: Int64 = 0

  init(_ session: SampleSession, _ place: SampleWriter.Place) {
    self.session = session
    self.place = place
    pending.reserveCapacity(4096)
  }

  /// Moves what waits to the file; true when the session is over and its file complete.
  /// What the disk refused stays, and nothing more is taken until it is written: the session's own bound then counts what is dropped.
  func flush() -> Bool {
    if pending.isEmpty { isLast = session.drain(into: &pending, marks: &marks) }
    guard !pending.isEmpty else { return isLast }
    do throws(Fault) {
      try write()
      if isFailing { place.logger.notice("samples are written again: \(name)") }
      isFailing = false
    } catch {
      if !isFailing { place.logger.error("samples of \(session.header.stream): \(error)") }
      isFailing = true
      return false
    }
    return isLast
  }

  private func write() throws(Fault) {
    if file == nil { file = try create() }
    let before = file?.size ?? 0
    try file?.append(pending, sync: false)
    var written = 0
    var facts: [[String: JSON]] = []
    for mark in marks {
      hash.update(data: pending[written..<mark.end])
      written = mark.end
      facts.append(seal(mark, end: before + Int64(mark.end)))
    }
    hash.update(data: pending[written...])
    pending.removeAll(keepingCapacity: true)
    marks = []
    guard !facts.isEmpty else { return }
    // A block is claimed only once it is on the disk.
    try file?.sync()
    for fact in facts { place.facts.record(FactKind.samplesBlock, fact) }
  }

  private func seal(_ mark: SampleEncoder.Mark, end: Int64) -> [String: JSON] {
    let header = session.header
    defer {
      hash = SHA256()
      blockOffset = end
    }
    return [
      "stream": .string(header.stream.path), "session": .string(header.session), "hop": .string(header.hop.rawValue),
      "file": .string(name), "index": .int(Int64(bitPattern: mark.index)), "offset": .int(blockOffset), "bytes": .int(end - blockOffset),
      "sha256": .string(Hex.encode(hash.finalize())), "fromNs": .int(mark.from.nanoseconds), "toNs": .int(mark.to.nanoseconds),
      "frames": .int(Int64(bitPattern: mark.frames)),
    ]
  }

  /// Always a new file: a restart, or a session of the same name, never appends to an old one.
  private func create() throws(Fault) -> AppendFile {
    let day = String(session.header.startedWall.description.prefix(10).filter { $0 != "-" })
    let folder = "\(place.dataFolder)/samples/\(day)"
    try Disk.makeFolder(folder)
    let stem = SampleOutput.stem(session.header.session)
    for copy in 1...1000 {
      let candidate = copy == 1 ? "\(stem).ffs" : "\(stem)-\(copy).ffs"
      if access(folder + "/" + candidate, F_OK) == 0 { continue }
      let file = try AppendFile(folder + "/" + candidate, create: true, disk: place.disk)
      try Disk.syncFolder(folder)
      name = "samples/\(day)/\(candidate)"
      return file
    }
    throw Fault(.diskFailed, "\(folder)/\(stem): too many files")
  }

  /// The session's id where it may stand in a file name, else a hash of it.
  static func stem(_ session: String) -> String {
    let isPlain = session.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45 || byte == 95
    }
    if isPlain, !session.isEmpty, session.utf8.count <= 64 { return session }
    return String(Hex.encode(SHA256.hash(data: Array(session.utf8))).prefix(32))
  }
}

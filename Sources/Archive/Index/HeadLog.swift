internal import Glibc
internal import Journal
internal import Model

/// `DATA/archive/heads.jsonl`: one signed ``ChainHead`` a line for every stream whose chain grew, every 60 s and at close. A chain alone does
/// not show that its newest segments were removed; the newest head does. On the disk's thread alone, and on this machine's disk wherever the segments go.
final class HeadLog {
  private let path: String
  private let node: String
  private let identity: NodeIdentity
  private let disk: any ArchiveDisk
  private var grown: [String: (sequence: Int64, hash: String)] = [:]
  private var hasCutTail = false

  init(folder: String, node: String, identity: NodeIdentity, disk: any ArchiveDisk = KernelArchiveDisk()) {
    path = folder + "/" + ArchiveFiles.heads
    self.node = node
    self.identity = identity
    self.disk = disk
  }

  /// The name of a stream's chain in its heads.
  static func chain(_ id: String) -> String { "archive/" + id }

  func advanced(_ id: String, sequence: Int64, hash: String) { grown[id] = (sequence, hash) }

  func sign(at reading: ClockReading, boot: String) throws(Fault) {
    guard !grown.isEmpty else { return }
    var lines: [UInt8] = []
    for (id, end) in grown.sorted(by: { $0.key < $1.key }) {
      lines += try ChainHead.sign(
        chain: HeadLog.chain(id), node: node, boot: boot, sequence: end.sequence, hash: end.hash, bootTime: reading.boot,
        wall: WallTime(nanoseconds: reading.kernel.nanoseconds), by: identity
      ).line
    }
    try append(lines)
    grown = [:]
  }

  private func append(_ lines: [UInt8]) throws(Fault) {
    let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    defer { close(file) }
    let size = lseek(file, 0, SEEK_END)
    if !hasCutTail { try cutTornTail(file, size) }
    let end = lseek(file, 0, SEEK_END)
    do throws(Fault) {
      try disk.write(file, lines, path)
      try disk.sync(file, path)
    } catch {
      ftruncate(file, end)
      throw error
    }
    hasCutTail = true
  }

  /// A line that a killed process left half written, or the zeros that a power cut left, would spoil the line after it.
  private func cutTornTail(_ file: Int32, _ size: Int) throws(Fault) {
    var end = size
    while end > 0 {
      let span = min(end, 4096)
      var tail = [UInt8](repeating: 0, count: span)
      guard pread(file, &tail, span, end - span) == span else { throw Disk.fault(errno, path) }
      if let last = tail.lastIndex(of: 10) {
        end = end - span + last + 1
        break
      }
      end -= span
    }
    guard end == size || ftruncate(file, end) == 0 else { throw Disk.fault(errno, path) }
  }
}

internal import Crypto
internal import Glibc
internal import Model
internal import NIOCore

/// The segment that a stream's bytes go to. Its file is `.part` until it is whole, durable and renamed.
struct OpenSegment {
  let sequence: Int64
  let folder: String
  let session: String
  let startsWithKey: Bool
  /// Set when it follows a stretch that could not be recorded.
  typealias Gap = (from: BootTime, cause: ArchiveGap.Cause, event: ArchiveGap.Event)
  var gap: Gap?
  private(set) var file: Int32
  /// Of what is in the file.
  private(set) var stats: SegmentStats
  private(set) var bytes: Int64 = 0
  private var hash = SHA256()
  /// Not in the file yet.
  private var staged: [ByteBuffer] = []
  private var stagedStats: SegmentStats

  var path: String { folder + "/" + ArchiveFiles.part(sequence) }

  /// Makes the file.
  init(
    sequence: Int64, folder: String, session: String, startsWithKey: Bool, run: UInt64, disk: any ArchiveDisk
  ) throws(Fault) {
    self.sequence = sequence
    self.folder = folder
    self.session = session
    self.startsWithKey = startsWithKey
    stats = SegmentStats(run: run)
    stagedStats = SegmentStats(run: run)
    file = try disk.create(folder + "/" + ArchiveFiles.part(sequence))
  }

  mutating func stage(_ bytes: ByteBuffer) { staged.append(bytes) }
  mutating func add(_ note: UnitNote, payload: Int) { stagedStats.add(note, payload: payload) }

  var oldest: UInt64? { [stats.oldest, stagedStats.oldest].compactMap { $0 }.min() }
  var start: BootTime? { [stats.start, stagedStats.start].compactMap { $0 }.min() }

  /// Appends what was staged; after a refusal the file ends where it ended before.
  /// - Parameter keeping: what was refused stays staged; else it is lost.
  mutating func flush(_ disk: any ArchiveDisk, keeping: Bool) throws(Fault) {
    guard !staged.isEmpty else { return }
    var fresh = hash
    var written = bytes
    do throws(Fault) {
      for buffer in staged {
        try disk.write(file, buffer, path)
        buffer.withUnsafeReadableBytes { fresh.update(bufferPointer: $0) }
        written &+= Int64(buffer.readableBytes)
      }
    } catch {
      if !keeping {
        staged.removeAll()
        stagedStats = SegmentStats(run: stats.cut.run)
      }
      try? disk.truncate(file, to: bytes, path)
      throw error
    }
    hash = fresh
    bytes = written
    staged.removeAll(keepingCapacity: true)
    stats.merge(stagedStats)
    stagedStats = SegmentStats(run: stats.cut.run)
  }

  var digest: String { Hex.encode(hash.finalize()) }
}

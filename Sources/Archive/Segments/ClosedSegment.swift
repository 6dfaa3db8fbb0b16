internal import Glibc
internal import Model

/// A whole segment on its way to being acknowledged: fsync → rename → fsync(directory) → index row. Each step is kept, so that a disk that
/// refuses one is asked again from there.
final class ClosedSegment {
  let record: SegmentRecord
  let stats: SegmentStats
  let chain: SpoolChain
  let gap: OpenSegment.Gap?
  private let folder: String
  private var file: Int32?
  private var mustRewrite = false
  private var isSynced = false
  private var isRenamed = false
  private(set) var isDurable = false

  /// - Parameter record: complete but for ``SegmentRecord/previous``.
  init(record: SegmentRecord, stats: SegmentStats, chain: SpoolChain, gap: OpenSegment.Gap?, folder: String, file: Int32) {
    self.record = record
    self.stats = stats
    self.chain = chain
    self.gap = gap
    self.folder = folder
    self.file = file
  }

  deinit { if let file { close(file) } }

  private var part: String { folder + "/" + ArchiveFiles.part(record.sequence) }

  /// Makes bytes and name durable but for the folder's fsync, which all segments of a round share.
  func settle(_ disk: any ArchiveDisk) throws(Fault) {
    if !isSynced {
      if mustRewrite { try rewrite(disk) }
      guard let file else { throw Fault(.diskFailed, part) }
      // After a failed fsync the kernel may have dropped the pages and calls the next one good: everything is written again.
      mustRewrite = true
      try disk.sync(file, part)
      isSynced = true
      close(file)
      self.file = nil
    }
    if !isRenamed {
      try disk.rename(part, to: folder + "/" + ArchiveFiles.segment(record.sequence))
      isRenamed = true
    }
  }

  /// The folder was fsynced after ``settle(_:)``.
  func folderSynced() { isDurable = isRenamed }

  private func rewrite(_ disk: any ArchiveDisk) throws(Fault) {
    guard let bytes = try Disk.read(part, limit: 1 << 30), Int64(bytes.count) == record.bytes else { throw Fault(.segmentChanged, part) }
    let copy = part + ".copy"
    let fresh = try disk.create(copy)
    do throws(Fault) {
      try disk.write(fresh, bytes, copy)
      try disk.rename(copy, to: part)
    } catch {
      close(fresh)
      unlink(copy)
      throw error
    }
    if let file { close(file) }
    file = fresh
  }
}

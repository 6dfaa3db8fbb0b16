internal import Crypto
internal import Glibc
internal import Model
internal import NIOCore

/// A segment that is written to disk: `.part` → fsync → rename. Each step that was done is kept, so that a disk which refuses one is asked again from there.
final class DiskSegmentFile: SegmentFile {
  private let part: String
  private let final: String
  private let disk: any ArchiveDisk
  /// Nil once the bytes are durable.
  private var file: Int32?
  private var hash = SHA256()
  private(set) var bytes: Int64 = 0
  /// What a refused append left behind ``bytes`` is still there.
  private var needsCut = false
  private var mustRewrite = false
  private(set) var isCommitted = false

  init(part: String, final: String, disk: any ArchiveDisk) throws(Fault) {
    self.part = part
    self.final = final
    self.disk = disk
    file = try disk.create(part)
  }

  deinit { if let file { close(file) } }

  var sha256: String { Hex.encode(hash.finalize()) }

  // MARK: Bytes

  func append(_ buffers: [ByteBuffer]) throws(Fault) {
    let file = try writable()
    try cut(file)
    var (fresh, written) = (hash, bytes)
    needsCut = true
    do throws(Fault) {
      for buffer in buffers {
        try disk.write(file, buffer, part)
        buffer.withUnsafeReadableBytes { fresh.update(bufferPointer: $0) }
        written &+= Int64(buffer.readableBytes)
      }
    } catch {
      // Cut now if that works; else before the next append or the commit.
      try? cut(file)
      throw error
    }
    needsCut = false
    (hash, bytes) = (fresh, written)
  }

  private func writable() throws(Fault) -> Int32 {
    guard let file else { throw Fault(.diskFailed, "\(part): the segment is closed") }
    return file
  }

  private func cut(_ file: Int32) throws(Fault) {
    guard needsCut else { return }
    try disk.truncate(file, to: bytes, part)
    needsCut = false
  }

  // MARK: Commit

  func commit() throws(Fault) {
    if let file {
      try cut(file)
      try sync()
    }
    guard !isCommitted else { return }
    try disk.rename(part, to: final)
    isCommitted = true
  }

  private func sync() throws(Fault) {
    if mustRewrite { try rewrite() }
    let file = try writable()
    // After a failed fsync the kernel may have dropped the pages and calls the next one good: everything is written again.
    mustRewrite = true
    try disk.sync(file, part)
    close(file)
    self.file = nil
  }

  private func rewrite() throws(Fault) {
    guard let content = try Disk.read(part, limit: 1 << 30), Int64(content.count) == bytes else { throw Fault(.segmentChanged, part) }
    let copy = part + ".copy"
    let fresh = try disk.create(copy)
    do throws(Fault) {
      try disk.write(fresh, content, copy)
      try disk.rename(copy, to: part)
    } catch {
      close(fresh)
      unlink(copy)
      throw error
    }
    if let file { close(file) }
    file = fresh
  }

  func discard() {
    if let file { close(file) }
    file = nil
    unlink(part)
  }
}

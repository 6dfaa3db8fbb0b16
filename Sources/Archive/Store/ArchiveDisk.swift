internal import Glibc
internal import Model
internal import NIOCore

/// The calls by which segments are written. The real one is the kernel; tests make it refuse.
protocol ArchiveDisk: Sendable {
  /// A new file; an old one of that name is emptied.
  func create(_ path: String) throws(Fault) -> Int32
  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(Fault)
  func sync(_ file: Int32, _ path: String) throws(Fault)
  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault)
  func rename(_ from: String, to: String) throws(Fault)
  func syncFolder(_ path: String) throws(Fault)
  /// Free space for us, in thousandths of the whole.
  func freePermille(_ path: String) -> Int?
}

extension ArchiveDisk {
  func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(Fault) {
    try bytes.withUnsafeBytes { raw in attempt { () throws(Fault) in try write(file, raw, path) } }.get()
  }

  func write(_ file: Int32, _ buffer: ByteBuffer, _ path: String) throws(Fault) {
    try buffer.withUnsafeReadableBytes { raw in attempt { () throws(Fault) in try write(file, raw, path) } }.get()
  }

  private func attempt(_ body: () throws(Fault) -> Void) -> Result<Void, Fault> {
    do throws(Fault) { return .success(try body()) } catch { return .failure(error) }
  }
}

struct KernelArchiveDisk: ArchiveDisk {
  func create(_ path: String) throws(Fault) -> Int32 {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    return file
  }

  func write(_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Disk.fault(count == 0 ? ENOSPC : errno, path) }
      done += count
    }
  }

  func sync(_ file: Int32, _ path: String) throws(Fault) {
    guard fdatasync(file) == 0 else { throw Disk.fault(errno, path) }
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) {
    guard ftruncate(file, Int(size)) == 0, lseek(file, Int(size), SEEK_SET) >= 0 else { throw Disk.fault(errno, path) }
  }

  func rename(_ from: String, to: String) throws(Fault) {
    guard Glibc.rename(from, to) == 0 else { throw Disk.fault(errno, to) }
  }

  func syncFolder(_ path: String) throws(Fault) { try Disk.syncFolder(path) }

  func freePermille(_ path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: 1000).partialValue / UInt64(status.f_blocks))
  }
}

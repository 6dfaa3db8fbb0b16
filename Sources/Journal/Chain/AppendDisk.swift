internal import Glibc
internal import Model

/// The four calls by which append-only files are written. The real one is the kernel; tests make it fail.
protocol AppendDisk: Sendable {
  func open(_ path: String, create: Bool) throws(Fault) -> Int32
  func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(Fault)
  func sync(_ file: Int32, _ path: String) throws(Fault)
  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault)
}

struct KernelDisk: AppendDisk {
  func open(_ path: String, create: Bool) throws(Fault) -> Int32 {
    let flags = O_WRONLY | O_APPEND | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0)
    let file = Glibc.open(path, flags, 0o644)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    return file
  }

  func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Disk.fault(count == 0 ? ENOSPC : errno, path) }
      done += count
    }
  }

  func sync(_ file: Int32, _ path: String) throws(Fault) {
    guard fsync(file) == 0 else { throw Disk.fault(errno, path) }
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) {
    guard ftruncate(file, Int(size)) == 0 else { throw Disk.fault(errno, path) }
  }
}

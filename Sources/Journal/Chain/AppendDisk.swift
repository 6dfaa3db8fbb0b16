internal import CLinux
internal import Glibc
internal import Model

/// The calls by which append-only files are written. The real one is the kernel; tests make it fail.
protocol AppendDisk: Sendable {
  func open(_ path: String, create: Bool) throws(Fault) -> Int32
  func write(_ file: Int32, _ bytes: [UInt8], _ path: String) throws(Fault)
  func sync(_ file: Int32, _ path: String) throws(Fault)
  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault)
  /// Gives a file blocks for bytes that it does not have yet; its size stays.
  func preallocate(_ file: Int32, from offset: Int64, bytes: Int64) -> Preallocation
}

/// What became of asking for blocks.
enum Preallocation {
  case done, full
  /// The file system has no such thing.
  case unsupported
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

  func preallocate(_ file: Int32, from offset: Int64, bytes: Int64) -> Preallocation {
    switch 0 &- ff_preallocate(file, offset, bytes) {
    case 0: .done
    case ENOSPC, EDQUOT: .full
    default: .unsupported
    }
  }

  func truncate(_ file: Int32, to size: Int64, _ path: String) throws(Fault) {
    guard ftruncate(file, Int(size)) == 0 else { throw Disk.fault(errno, path) }
  }
}

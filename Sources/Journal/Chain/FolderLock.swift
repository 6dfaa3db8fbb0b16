internal import Glibc
internal import Model

/// One process per data folder: two writers would fork the chain. The kernel lets go when the process ends, however it ends.
final class FolderLock {
  private var file: Int32

  /// Throws `.dataFolderInUse` while another process has it. Blocks for up to a second.
  init(_ path: String) throws(Fault) {
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    // A process that has just ended may have left a child between fork and exec, which holds the lock for a moment more.
    for _ in 0..<20 {
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK else { break }
      usleep(50_000)
    }
    throw errno == EWOULDBLOCK ? Fault(.dataFolderInUse, path) : Disk.fault(errno, path)
  }

  deinit { release() }

  func release() {
    if file >= 0 { close(file) }
    file = -1
  }
}

internal import Glibc
internal import Model

/// One preallocated file, mapped shared: what is stored here survives the process, whatever kills it.
///
/// `@unchecked Sendable`: the memory is written by the one event loop that took the file from the depot, and read at recovery before any loop
/// has it.
final class SpoolFile: @unchecked Sendable {
  let path: String
  let base: UnsafeMutableRawPointer
  let capacity: Int

  /// Makes a file and its pages. Blocks.
  init(creating path: String, bytes: Int) throws(Fault) {
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    defer { close(file) }
    // A hole in a mapped file is a SIGBUS on a full disk.
    let result = posix_fallocate(file, 0, bytes)
    guard result == 0 else {
      unlink(path)
      throw Disk.fault(result, path)
    }
    base = try SpoolFile.map(file, bytes, path, populate: true)
    capacity = bytes
    self.path = path
  }

  /// Maps a file that is there. Nil when it is too small to be one.
  init?(opening path: String) throws(Fault) {
    let file = open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw Disk.fault(errno, path) }
    guard status.st_size >= SpoolLayout.headerBytes, status.st_size <= 1 << 30 else { return nil }
    capacity = Int(status.st_size)
    base = try SpoolFile.map(file, capacity, path, populate: false)
    self.path = path
  }

  deinit { munmap(base, capacity) }

  private static func map(_ file: Int32, _ bytes: Int, _ path: String, populate: Bool) throws(Fault) -> UnsafeMutableRawPointer {
    // Populated, so that the event loop meets no page fault on its first round.
    let found = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | (populate ? MAP_POPULATE : 0), file, 0)
    guard let found, found != UnsafeMutableRawPointer(bitPattern: -1) else { throw Disk.fault(errno, path) }
    return found
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: capacity) }

  /// Nothing in it is worth recovering any more.
  func markFree() { base.storeBytes(of: 0, as: UInt64.self) }

  func remove() { unlink(path) }
}

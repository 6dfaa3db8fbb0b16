internal import Glibc
internal import Model

/// One preallocated file, mapped shared: what is stored here survives the process, whatever kills it.
///
/// `@unchecked Sendable`: the memory is written by the one event loop that took the file from the pool, and read at recovery before any loop
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
    base = try SpoolFile.map(file, bytes, path)
    capacity = bytes
    self.path = path
    prepare()
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
    base = try SpoolFile.map(file, capacity, path)
    self.path = path
  }

  deinit { munmap(base, capacity) }

  private static func map(_ file: Int32, _ bytes: Int, _ path: String) throws(Fault) -> UnsafeMutableRawPointer {
    let found = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let found, found != UnsafeMutableRawPointer(bitPattern: -1) else { throw Disk.fault(errno, path) }
    return found
  }

  /// Makes every page present and writable, so that the event loop meets no page fault: 60 a second and stream, 6 µs each, were the dearest part
  /// of a recording. (MAP_POPULATE alone leaves shared pages read-only.) Blocks; again after the kernel wrote the pages back, which protects them.
  func prepare() { madvise(base, capacity, SpoolFile.populateWrite) }

  /// MADV_POPULATE_WRITE, Linux 5.14; an older kernel refuses, and faults stay.
  private static let populateWrite: Int32 = 23

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: capacity) }

  /// Nothing in it is worth recovering any more.
  func markFree() { base.storeBytes(of: 0, as: UInt64.self) }

  func remove() { unlink(path) }
}

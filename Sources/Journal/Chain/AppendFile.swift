internal import Glibc
internal import Model

/// A file that only grows. What an append that failed may have left behind is cut off before the next one, so the file never holds half of
/// anything that was refused.
struct AppendFile: ~Copyable {
  let path: String
  /// Bytes that were written and, after ``append(_:)``, fsynced.
  private(set) var size: Int64
  private let file: Int32
  private let disk: any AppendDisk
  private var needsCut = false

  init(_ path: String, create: Bool, size: Int64 = 0, disk: any AppendDisk) throws(Fault) {
    self.path = path
    self.size = size
    self.disk = disk
    file = try disk.open(path, create: create)
  }

  deinit { close(file) }

  /// Appends, and fsyncs unless the caller does so later. After a failed fsync the kernel may have dropped the pages, so all is written again.
  mutating func append(_ bytes: [UInt8], sync: Bool = true) throws(Fault) {
    if needsCut {
      try disk.truncate(file, to: size, path)
      needsCut = false
    }
    needsCut = true
    do throws(Fault) {
      try disk.write(file, bytes, path)
      if sync { try disk.sync(file, path) }
    } catch {
      // Cut now if that works; else before the next append.
      if (try? disk.truncate(file, to: size, path)) != nil { needsCut = false }
      throw error
    }
    needsCut = false
    size += Int64(bytes.count)
  }

  func sync() throws(Fault) { try disk.sync(file, path) }
}

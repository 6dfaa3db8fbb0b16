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
  /// Blocks up to there are the file's own.
  private var roomEnd: Int64 = 0
  private var hasNoRoom = false

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
      roomEnd = 0
      throw error
    }
    needsCut = false
    size += Int64(bytes.count)
  }

  /// Sees to it that the next bytes have blocks of their own, which nothing else on the disk can take.
  /// - Parameter bytes: to be kept ahead; asked for anew when half of them are used.
  /// - Returns: false when less than half of them are left and the disk has no more.
  mutating func keepRoom(_ bytes: Int64) -> Bool {
    guard bytes > 0, !hasNoRoom, roomEnd - size < bytes / 2 else { return true }
    switch disk.preallocate(file, from: size, bytes: bytes) {
    case .done: roomEnd = size + bytes
    case .full: return false
    case .unsupported: hasNoRoom = true
    }
    return true
  }

  /// Gives back what ``keepRoom(_:)`` kept: nothing more is appended.
  mutating func releaseRoom() {
    guard roomEnd > size, (try? disk.truncate(file, to: size, path)) != nil else { return }
    roomEnd = 0
  }

  func sync() throws(Fault) { try disk.sync(file, path) }
}

internal import Glibc
internal import Model

/// Reads a file line by line; at the end it may be asked again, for the file may have grown.
final class LineReader {
  struct Line {
    /// LF included where ``isWhole``.
    var bytes: [UInt8]
    /// Of the first byte in the file.
    var offset: Int64
    /// False for the bytes after the last LF, and for a run longer than a line may be.
    var isWhole: Bool
  }

  let path: String
  /// Offset of the next line.
  private(set) var offset: Int64
  private let file: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var searched = 0
  private var chunk = [UInt8](repeating: 0, count: 256 << 10)

  /// Nil when there is no such file.
  init?(_ path: String, at offset: Int64 = 0) throws(Fault) {
    self.path = path
    self.offset = offset
    file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw Disk.fault(errno, path)
    }
    guard lseek(file, Int(offset), SEEK_SET) >= 0 else { throw Disk.fault(errno, path) }
  }

  deinit { if file >= 0 { close(file) } }

  /// The next whole line; nil at the end, whatever ``rest`` there is.
  func next() throws(Fault) -> Line? {
    while true {
      if let end = buffer[searched...].firstIndex(of: 10) { return cut(through: end, whole: true) }
      searched = buffer.count
      if buffer.count - start > JournalLine.maximumBytes { return cut(through: buffer.count - 1, whole: false) }
      guard try fill() else { return nil }
    }
  }

  /// The bytes after the last LF, once ``next()`` has given nil.
  var rest: Line { Line(bytes: Array(buffer[start...]), offset: offset, isWhole: false) }

  private func cut(through end: Int, whole: Bool) -> Line {
    let line = Line(bytes: Array(buffer[start...end]), offset: offset, isWhole: whole)
    start = end + 1
    searched = start
    offset += Int64(line.bytes.count)
    return line
  }

  private func fill() throws(Fault) -> Bool {
    if start > 0 {
      buffer.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    while true {
      let count = read(file, &chunk, chunk.count)
      if count == 0 { return false }
      if count > 0 {
        buffer.append(contentsOf: chunk[..<count])
        return true
      }
      guard errno == EINTR else { throw Disk.fault(errno, path) }
    }
  }
}

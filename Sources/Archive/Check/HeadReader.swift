internal import Glibc
internal import Model

/// Reads `heads.jsonl` line by line.
final class HeadReader {
  struct Line {
    var number: Int
    /// LF included, unless torn.
    var bytes: [UInt8]
    var isTorn: Bool
  }

  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var memory: UnsafeMutablePointer<CChar>?
  private var capacity = 0
  private var number = 0

  /// Nil when there is no such file.
  init?(_ path: String) throws(Fault) {
    guard let file = fopen(path, "re") else {
      if errno == ENOENT { return nil }
      throw Disk.fault(errno, path)
    }
    self.path = path
    self.file = file
  }

  deinit {
    free(memory)
    fclose(file)
  }

  func next() throws(Fault) -> Line? {
    let count = getline(&memory, &capacity, file)
    guard count > 0, let memory else {
      if ferror(file) != 0 { throw Disk.fault(errno, path) }
      return nil
    }
    number += 1
    let bytes = Array(UnsafeRawBufferPointer(start: memory, count: count))
    return Line(number: number, bytes: bytes, isTorn: bytes.last != 10)
  }
}

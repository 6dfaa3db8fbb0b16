internal import Crypto
internal import Glibc
internal import Model

/// SHA-256 and size of a file, read in pieces.
enum FileDigest {
  /// Nil when there is no such file.
  static func of(_ path: String) throws(Fault) -> (sha256: String, bytes: Int64)? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw Disk.fault(errno, path)
    }
    defer { close(file) }
    posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL)
    var hash = SHA256()
    var total: Int64 = 0
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count == 0 { return (Hex.encode(hash.finalize()), total) }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw Disk.fault(errno, path)
      }
      chunk.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      total &+= Int64(count)
    }
  }
}

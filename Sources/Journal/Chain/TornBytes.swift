internal import Glibc
internal import Model

/// Bytes at the end of a file that no whole line follows, as kill -9 or a power cut leaves them: kept in `quarantine/`, then cut off.
enum TornBytes {
  /// - Parameters:
  ///   - name: of the file in `folder` that ends in these bytes.
  ///   - offset: where they begin.
  static func setAside(_ bytes: [UInt8], of name: String, at offset: Int64, _ folder: String) throws(Fault) {
    try keep(bytes, of: name, at: offset, folder)
    try cut(folder + "/" + name, to: offset)
  }

  /// As `quarantine/NAME-OFFSET-N`.
  private static func keep(_ bytes: [UInt8], of name: String, at offset: Int64, _ folder: String) throws(Fault) {
    try Disk.makeFolder(folder + "/quarantine")
    for copy in 1...1000 where try Disk.create("\(folder)/quarantine/\(name)-\(offset)-\(copy)", with: bytes) { return }
    throw Fault(.diskFailed, "\(folder)/quarantine: too many copies of \(name)")
  }

  private static func cut(_ path: String, to size: Int64) throws(Fault) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw Disk.fault(errno, path) }
    defer { close(file) }
    guard ftruncate(file, Int(size)) == 0, fsync(file) == 0 else { throw Disk.fault(errno, path) }
  }
}

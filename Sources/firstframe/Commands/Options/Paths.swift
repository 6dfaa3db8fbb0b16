internal import Model

#if canImport(Glibc)
  internal import Glibc
#endif

/// Paths that somebody typed: looked at before anything is done. All of it blocks.
enum Paths {
  static func isFolder(_ path: String) -> Bool {
    var state = stat()
    return stat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether anything stands under that name, or keeps us from seeing what does.
  static func isThere(_ path: String) -> Bool {
    var state = stat()
    return stat(path, &state) == 0 || errno != ENOENT
  }

  /// Throws ``FaultCode/pathWrong`` for what is no folder, is not there, or may not be entered.
  static func requireFolder(_ path: String) throws(Fault) {
    var state = stat()
    guard stat(path, &state) == 0 else { throw Fault(.pathWrong, "\(path): \(String(cString: strerror(errno)))") }
    guard state.st_mode & S_IFMT == S_IFDIR else { throw Fault(.pathWrong, "\(path): \(String(cString: strerror(ENOTDIR)))") }
    guard access(path, R_OK | X_OK) == 0 else { throw Fault(.pathWrong, "\(path): \(String(cString: strerror(errno)))") }
  }

  /// Throws ``FaultCode/pathWrong`` where no file can be written under that name, before the work for it is done.
  static func requireOutput(_ path: String) throws(Fault) {
    try requireFolder(Disk.parent(of: path))
    guard !isFolder(path) else { throw Fault(.pathWrong, "\(path): \(String(cString: strerror(EISDIR)))") }
  }
}

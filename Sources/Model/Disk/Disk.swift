#if canImport(Glibc)
  internal import Glibc
#endif

/// Small files that must survive a power cut: read whole, replaced atomically, fsynced with their folder.
///
/// What root makes is given to whom the folder around it belongs: commands that an administrator runs write into the folder of a service that is
/// another user, and must leave nothing that it cannot read.
///
/// Everything here blocks: call it from a thread of the room's own, never from an event loop or a task.
public enum Disk {
  /// The fault for an errno: `.diskFull` for no space or quota, `.diskReadOnly`, `.noDescriptors`, else
  /// `.diskFailed`; the detail names the path.
  public static func fault(_ number: Int32, _ path: String) -> Fault {
    let text = String(cString: strerror(number))
    let code: FaultCode =
      switch number {
      case ENOSPC, EDQUOT: .diskFull
      case EROFS: .diskReadOnly
      case EMFILE, ENFILE: .noDescriptors
      default: .diskFailed
      }
    return Fault(code, "\(path): \(text)")
  }

  /// Bytes of the file system that a path lies on: all, and those that are free for us; nil when it cannot be asked.
  public static func space(_ path: String) -> (total: Int64, free: Int64)? {
    var status = statvfs()
    guard statvfs(path, &status) == 0, status.f_blocks > 0 else { return nil }
    let block = UInt64(status.f_frsize)
    return (
      Int64(clamping: UInt64(status.f_blocks).multipliedReportingOverflow(by: block).partialValue),
      Int64(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: block).partialValue)
    )
  }

  /// Makes a folder and those above it; one that is there already is left as it is.
  public static func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(Fault) {
    if mkdir(path, mode) == 0 { return try madeFolder(path) }
    switch errno {
    case EEXIST: return
    case ENOENT where parent(of: path) != path:
      try makeFolder(parent(of: path), mode: mode)
      guard mkdir(path, mode) == 0 || errno == EEXIST else { throw fault(errno, path) }
      try madeFolder(path)
    default: throw fault(errno, path)
    }
  }

  private static func madeFolder(_ path: String) throws(Fault) {
    if geteuid() == 0 {
      let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard folder >= 0 else { throw fault(errno, path) }
      defer { close(folder) }
      try adopt(folder, path)
    }
    try syncFolder(parent(of: path))
  }

  /// Gives a file that root just made, or opened to make it, to the owner and the group of the folder around it; nothing for other users.
  /// - Parameter file: its descriptor.
  public static func adopt(_ file: Int32, _ path: String) throws(Fault) {
    guard geteuid() == 0 else { return }
    var around = stat()
    guard stat(parent(of: path), &around) == 0, fchown(file, around.st_uid, around.st_gid) == 0 else { throw fault(errno, path) }
  }

  /// A file's bytes; nil when there is none.
  /// - Parameter limit: a longer file is refused.
  public static func read(_ path: String, limit: Int = 64 << 20) throws(Fault) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw fault(errno, path)
    }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw fault(errno, path)
      }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else { throw fault(EFBIG, path) }
    }
  }

  /// Replaces a file in one step: whoever reads it, also after a power cut, finds all of the old bytes or all of the new.
  /// - Parameter keepsMode: a file that is there keeps its mode, and its owner where root replaces it; `mode` is then a new file's.
  public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644, keepsMode: Bool = false) throws(Fault) {
    var old = stat()
    let keeps = keepsMode && stat(path, &old) == 0
    let temporary = try writeTemporary(path, bytes, keeps ? UInt32(old.st_mode & 0o777) : mode, owner: keeps ? (old.st_uid, old.st_gid) : nil)
    guard rename(temporary, path) == 0 else {
      let number = errno
      unlink(temporary)
      throw fault(number, path)
    }
    try syncFolder(parent(of: path))
  }

  /// Makes a file that must not exist yet, as durably as ``replace(_:with:mode:)``. False when it exists; its bytes then stay.
  public static func create(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws(Fault) -> Bool {
    let temporary = try writeTemporary(path, bytes, mode)
    defer { unlink(temporary) }
    guard link(temporary, path) == 0 else {
      if errno == EEXIST { return false }
      throw fault(errno, path)
    }
    try syncFolder(parent(of: path))
    return true
  }

  /// Removes a file and makes that durable. False when there was none.
  @discardableResult
  public static func remove(_ path: String) throws(Fault) -> Bool {
    guard unlink(path) == 0 else {
      if errno == ENOENT { return false }
      throw fault(errno, path)
    }
    try syncFolder(parent(of: path))
    return true
  }

  /// Names in a folder, sorted, without `.` and `..`; empty when there is no such folder.
  public static func entries(_ path: String) throws(Fault) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOENT { return [] }
      throw fault(errno, path)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes the names in a folder durable (fsync of the folder itself).
  public static func syncFolder(_ path: String) throws(Fault) {
    let folder = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw fault(errno, path) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw fault(errno, path) }
  }

  /// The folder that a path lies in.
  public static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func writeTemporary(
    _ path: String, _ bytes: [UInt8], _ mode: UInt32, owner: (user: UInt32, group: UInt32)? = nil
  ) throws(Fault) -> String {
    let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard file >= 0 else { throw fault(errno, temporary) }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let number = errno
        unlink(temporary)
        throw fault(number, path)
      }
      rest = rest.dropFirst(count)
    }
    do throws(Fault) {
      if let owner, geteuid() == 0 {
        guard fchown(file, owner.user, owner.group) == 0 else { throw fault(errno, path) }
      } else {
        try adopt(file, path)
      }
      guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw fault(errno, path) }
    } catch {
      unlink(temporary)
      throw error
    }
    return temporary
  }
}

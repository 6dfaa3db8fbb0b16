internal import Glibc
internal import Model

/// The unix socket `DATA/run/media.sock`: who may listen, who may connect.
enum WorkerSocket {
  /// Makes the folder (mode 0700) and listens; one with the sticky bit, such as `/tmp`, is other people's too and keeps its mode. An old socket file is
  /// removed. Throws `.diskFailed`, or `.configInvalid` for a path that is too long.
  static func listen(at path: String) throws(Fault) -> Int32 {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    if !folder.isEmpty {
      guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("mkdir \(folder)") }
      var state = stat()
      let isShared = stat(folder, &state) == 0 && state.st_mode & S_ISVTX != 0
      guard isShared || chmod(folder, 0o700) == 0 else { throw failure("chmod \(folder)") }
    }
    _ = unlink(path)
    let descriptor = try open()
    let bound = try withAddress(path) { bind(descriptor, $0, $1) }
    guard bound == 0, chmod(path, 0o600) == 0, Glibc.listen(descriptor, 16) == 0 else {
      let fault = failure("listen \(path)")
      _ = close(descriptor)
      throw fault
    }
    return descriptor
  }

  /// Connects to the relay; refuses one that another user runs.
  static func connect(to path: String) throws(Fault) -> WorkerConnection {
    let connection = WorkerConnection(try dial(path))
    guard let peer = connection.peer, peer.uid == getuid() else { throw Fault(.accessDenied, "\(path) belongs to another user") }
    return connection
  }

  private static func dial(_ path: String) throws(Fault) -> Int32 {
    let descriptor = try open()
    guard try withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
      let fault = failure("connect \(path)")
      _ = close(descriptor)
      throw fault
    }
    return descriptor
  }

  private static func open() throws(Fault) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure("socket") }
    return descriptor
  }

  private static func failure(_ what: String) -> Fault { Fault(.diskFailed, "\(what): \(String(cString: strerror(errno)))") }

  private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws(Fault) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Fault(.configInvalid, "socket path too long: \(path)") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}

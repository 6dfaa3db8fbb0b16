#if canImport(Glibc)
  internal import Glibc
#endif

/// What the kernel lets this process have.
enum Limits {
  /// Each stream and reader is a socket: the soft limit goes up to the hard one.
  static func raiseOpenFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

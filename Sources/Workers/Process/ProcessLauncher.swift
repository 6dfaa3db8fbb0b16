internal import CLinux
internal import Glibc
public import Model
internal import NIOConcurrencyHelpers

/// Spawns worker processes with a cleaned environment and no descriptor but the standard three.
public struct ProcessLauncher: WorkerLauncher {
  /// Kept of the relay's environment: what GStreamer needs to find its plugins and their cache, and ours to find pipelines.
  static let keptVariables: Set<String> = ["PATH", "HOME", "LANG", "LC_ALL", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "FIRSTFRAME_PIPELINES"]

  private let executable: String
  private let arguments: @Sendable (_ socketPath: String) -> [String]

  /// The program itself: `/proc/self/exe worker decode --socket PATH`.
  public init() { self.init(executable: "/proc/self/exe") { ["worker", "decode", "--socket", $0] } }

  /// - Parameter arguments: those after the program's name, given the socket's path.
  public init(executable: String, arguments: @escaping @Sendable (_ socketPath: String) -> [String]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// Spawns one process. Throws `.workerDied` with the system's reason.
  public func launch(socketPath: String) throws(Fault) -> any WorkerHandle {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    _ = ff_spawn_closes_from(&actions, 3)
    var pid: pid_t = 0
    let status = ProcessLauncher.withCStrings([executable] + arguments(socketPath)) { arguments in
      ProcessLauncher.withCStrings(ProcessLauncher.environment()) { environment in
        posix_spawn(&pid, executable, &actions, nil, arguments, environment)
      }
    }
    guard status == 0 else { throw Fault(.workerDied, "spawn \(executable): \(String(cString: strerror(status)))") }
    return SpawnedWorker(pid: pid)
  }

  static func environment() -> [String] {
    var kept = ["MALLOC_ARENA_MAX=2"]
    for name in keptVariables.sorted() {
      if let value = getenv(name) { kept.append("\(name)=\(String(cString: value))") }
    }
    // GST_PLUGIN_PATH and its kin decide where plugins are found.
    var entry = environ
    while let text = entry.pointee {
      let line = String(cString: text)
      if line.hasPrefix("GST_PLUGIN") || line.hasPrefix("GST_REGISTRY") { kept.append(line) }
      entry += 1
    }
    return kept
  }

  private static func withCStrings(_ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? EINVAL }
  }
}

/// A child process; reaped once.
final class SpawnedWorker: WorkerHandle {
  let pid: Int32
  private let reaped = NIOLockedValueBox(false)

  init(pid: Int32) { self.pid = pid }

  var hasEnded: Bool {
    reaped.withLockedValue { reaped in
      if !reaped {
        var status: Int32 = 0
        reaped = waitpid(pid, &status, WNOHANG) != 0
      }
      return reaped
    }
  }

  func kill() {
    reaped.withLockedValue { reaped in
      guard !reaped else { return }
      _ = Glibc.kill(pid, SIGKILL)
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      reaped = true
    }
  }
}

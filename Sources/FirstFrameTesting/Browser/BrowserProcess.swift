internal import Foundation
internal import Glibc

/// A Chromium that reads commands from descriptor 3 and answers on descriptor 4. It ends when its commands end, so none outlives a test that died.
final class BrowserProcess: Sendable {
  enum Failure: Error { case notStarted(Int32) }

  /// Commands to it, and what it answers.
  let commands: Int32
  let answers: Int32
  private let identifier: pid_t

  init(_ arguments: [String]) throws {
    let (commandsIn, commandsOut) = try BrowserProcess.pipe()
    let (answersIn, answersOut) = try BrowserProcess.pipe()
    defer {
      close(commandsIn)
      close(answersOut)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0...2 as ClosedRange<Int32> { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
    posix_spawn_file_actions_adddup2(&actions, commandsIn, 3)
    posix_spawn_file_actions_adddup2(&actions, answersOut, 4)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: its children end with it.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var started: pid_t = 0
    let status = BrowserProcess.withStrings(arguments) { argv in
      BrowserProcess.withStrings(ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawnp(&started, arguments.first ?? "", &actions, &attributes, argv, environment)
      }
    }
    guard status == 0 else { throw Failure.notStarted(status) }
    (identifier, commands, answers) = (started, commandsOut, answersIn)
  }

  /// Ends it and its children, and closes its commands. Blocks until it is gone. Call it once.
  func stop() {
    kill(-identifier, SIGKILL)
    var status: Int32 = 0
    waitpid(identifier, &status, 0)
    close(commands)
  }

  /// High numbers, so that neither is one of those that the child gets.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Failure.notStarted(errno) }
    defer { for end in ends { close(end) } }
    return (fcntl(ends[0], F_DUPFD_CLOEXEC, 20), fcntl(ends[1], F_DUPFD_CLOEXEC, 20))
  }

  private static func withStrings<T>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}

import Foundation

/// Two processes that do nothing as fast as they can.
final class Spinners: Sendable {
  private let processes: [Process]

  init() throws {
    processes = try (0..<2).map { _ in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "while :; do :; done"]
      try process.run()
      return process
    }
  }

  deinit { stop() }

  func stop() {
    for process in processes where process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
}

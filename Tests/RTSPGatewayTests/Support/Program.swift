import Foundation

/// An independent program on the other side of the gateway: started, awaited, killed by its own number.
///
/// `@unchecked Sendable`: nothing of it changes once it runs, and `Process` locks for itself.
final class Program: @unchecked Sendable {
  struct Outcome {
    var status: Int32
    var errors: String
  }

  private let process = Process()
  private let errorFile: URL
  private let outcome: Task<Int32, Never>

  /// - Parameter folder: where its error output is kept.
  init(_ words: [String], folder: URL) throws {
    errorFile = folder.appending(path: "\(UUID().uuidString).log")
    try Data().write(to: errorFile)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: errorFile)
    let process = process
    let (ends, continuation) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { ended in
      continuation.yield(ended.terminationStatus)
      continuation.finish()
    }
    outcome = Task {
      for await status in ends { return status }
      return -1
    }
    try process.run()
  }

  /// Its end; killed when it has not come after `seconds`.
  func end(within seconds: Double = 40) async -> Outcome {
    let timer = Task {
      try? await Task.sleep(for: .seconds(seconds))
      if !Task.isCancelled { kill() }
    }
    let status = await outcome.value
    timer.cancel()
    return Outcome(status: status, errors: (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "")
  }

  func interrupt() { if process.isRunning { process.interrupt() } }
  func kill() { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }

  /// Runs to its end; the standard output is what `words` write to a file of their own.
  static func run(_ words: [String], folder: URL, within seconds: Double = 40) async throws -> Outcome {
    try await Program(words, folder: folder).end(within: seconds)
  }

  static func exists(_ name: String) -> Bool {
    ["/usr/bin/", "/usr/local/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) }
  }
}

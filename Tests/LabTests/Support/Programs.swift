import Foundation

/// Programs that the tests compare with or send by.
enum Programs {
  static func exist(_ names: String...) -> Bool {
    names.allSatisfy { name in ["/usr/bin/", "/usr/local/bin/"].contains { FileManager.default.isExecutableFile(atPath: $0 + name) } }
  }

  /// Runs to the end, forty seconds at most.
  /// - Returns: its status; −1 when it was killed for want of an end.
  static func run(_ words: [String]) async throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let (ends, ending) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { ending.yield($0.terminationReason == .exit ? $0.terminationStatus : -1) }
    try process.run()
    let timer = Task {
      try? await Task.sleep(for: .seconds(40))
      if !Task.isCancelled, process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
    defer { timer.cancel() }
    for await status in ends { return status }
    return -1
  }
}

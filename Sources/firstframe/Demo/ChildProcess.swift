internal import Foundation
internal import Model

#if canImport(Glibc)
  internal import Glibc
#endif

/// A process that the demo started: its output goes to a log file, and it ends with the demo.
final class ChildProcess {
  let name: String
  private let process = Process()

  /// - Parameter prefix: a command to run it under, such as `unshare …`; empty for none.
  init(_ name: String, _ arguments: [String], prefix: [String] = [], logs: String) throws {
    self.name = name
    let command = prefix + [ChildProcess.executable] + arguments
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let path = "\(logs)/\(name).log"
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    guard let log = FileHandle(forWritingAtPath: path) else { throw Fault(.diskFailed, path) }
    log.seekToEndOfFile()
    process.standardOutput = log
    process.standardError = log
    process.standardInput = FileHandle.nullDevice
    var environment = ProcessInfo.processInfo.environment
    environment["FIRSTFRAME_EXIT_WITH_PARENT"] = "1"
    process.environment = environment
    try process.run()
  }

  /// This very program.
  static let executable: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : CommandLine.arguments[0]
  }()

  var isRunning: Bool { process.isRunning }

  /// SIGKILL: what a battery that runs out looks like.
  func kill() {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// SIGTERM, then SIGKILL after five seconds.
  func stop() async {
    guard process.isRunning else { return }
    process.terminate()
    for _ in 0..<50 where process.isRunning { try? await Task.sleep(for: .milliseconds(100)) }
    kill()
  }

  /// Runs this program to its end and returns what it printed.
  static func output(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Fault(.usage, "firstframe \(arguments.first ?? ""): \(String(decoding: complaint, as: UTF8.self))")
    }
    return data
  }
}

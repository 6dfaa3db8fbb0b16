import Dispatch
import Foundation

/// Runs a program and gives its standard output.
enum Shell {
  struct Failed: Error, CustomStringConvertible {
    var description: String
  }

  static func has(_ program: String) -> Bool { FileManager.default.isExecutableFile(atPath: program) }

  static func run(_ program: String, _ arguments: [String]) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "shell").async {
        continuation.resume(with: Result { try runNow(program, arguments) })
      }
    }
  }

  private static func runNow(_ program: String, _ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent("shell-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      throw Failed(description: "\(program) \(arguments.joined(separator: " ")): \(process.terminationStatus): \(text)")
    }
    return [UInt8](bytes)
  }

  static func text(_ program: String, _ arguments: [String]) async throws -> String {
    String(decoding: try await run(program, arguments), as: UTF8.self)
  }
}

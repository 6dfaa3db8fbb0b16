import Foundation
import Testing

/// `scripts/recompute.py`, run as an inspector runs it.
enum Script {
  struct Outcome {
    var status: Int32
    var output: [UInt8]
    var errors: String
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  static let isThere = (try? run([root + "/scripts/recompute.py"]).status) == 2

  static func recompute(_ folder: String) throws -> Outcome { try run([root + "/scripts/recompute.py", folder]) }

  /// What a line of Python prints; the test fails when it fails.
  static func python(_ program: String, _ arguments: [String]) throws -> String {
    let outcome = try run(["-c", program] + arguments)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return String(decoding: outcome.output, as: UTF8.self)
  }

  /// Both outputs go through files, so that neither can fill a pipe and hang it.
  private static func run(_ arguments: [String]) throws -> Outcome {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    for name in ["output", "errors"] { _ = FileManager.default.createFile(atPath: folder.path + "/" + name, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/output"))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path + "/errors"))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: Array(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/output"))),
      errors: try String(contentsOfFile: folder.path + "/errors", encoding: .utf8))
  }
}

/// A folder of the test's own, gone with it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-recompute-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

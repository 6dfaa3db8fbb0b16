import Foundation

/// Runs other people's programs: the referees.
enum Shell {
  struct Failed: Error {
    var command: String
    var status: Int32
    var complaint: String
  }

  static var hasFFmpeg: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg") }

  /// Standard output of a command; throws with standard error when it fails.
  static func run(_ executable: String, _ arguments: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try runBlocking(executable, arguments) })
      }
    }
  }

  private static func runBlocking(_ executable: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let output = Pipe()
    let complaints = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = complaints
    try process.run()
    let reader = DispatchQueue(label: "stderr")
    nonisolated(unsafe) var complaint = Data()  // written once on `reader`, read after the barrier below
    reader.async { complaint = complaints.fileHandleForReading.readDataToEndOfFile() }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    reader.sync {}
    guard process.terminationStatus == 0 else {
      throw Failed(
        command: ([executable] + arguments).joined(separator: " "), status: process.terminationStatus,
        complaint: String(decoding: complaint, as: UTF8.self))
    }
    return String(decoding: data, as: UTF8.self)
  }
}

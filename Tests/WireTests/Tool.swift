import Foundation
import Testing

/// A program of the machine that makes or judges test material.
struct Tool {
  let path: String

  /// Nil, and the test run says loudly what it did not test, where ffmpeg is not installed.
  static var ffmpeg: Tool? { find("ffmpeg") }
  static var ffprobe: Tool? { find("ffprobe") }

  private static func find(_ name: String) -> Tool? {
    for folder in ["/usr/bin/", "/usr/local/bin/"] where FileManager.default.isExecutableFile(atPath: folder + name) {
      return Tool(path: folder + name)
    }
    FileHandle.standardError.write(Data("SKIPPED: \(Test.current?.name ?? "a test") needs \(name), which is not installed here\n".utf8))
    return nil
  }

  /// What it writes to its standard output.
  func run(_ arguments: [String]) throws -> [UInt8] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(path) \(arguments.joined(separator: " "))")
    return Array(bytes)
  }

  /// Whether each picture of a bare stream is a key picture, in decoding order, as ffprobe sees it.
  static func probe(_ bytes: [UInt8], format: String) throws -> [Bool] {
    let tool = try #require(Tool.ffprobe)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("wire-\(UUID().uuidString).\(format)")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let text = try tool.run(["-v", "error", "-f", format, "-show_entries", "packet=flags", "-of", "csv=p=0", file.path])
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map { $0.hasPrefix("K") }
  }
}

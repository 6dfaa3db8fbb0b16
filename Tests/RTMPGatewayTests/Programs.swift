import Foundation

/// Other people's programs, and what they say.
enum Programs {
  struct Outcome: Sendable {
    var status: Int32
    var output: String
    var errors: String
  }

  static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static let ffmpeg = find("ffmpeg")
  static let gstreamer = find("gst-launch-1.0")
  static var areBothThere: Bool { ffmpeg != nil && gstreamer != nil }
  /// An ffmpeg that knows enhanced RTMP (6.1 or later): `FIRSTFRAME_FFMPEG`, else PyPI's imageio-ffmpeg where it is installed.
  static let newFFmpeg: String? = {
    if let told = ProcessInfo.processInfo.environment["FIRSTFRAME_FFMPEG"] { return told }
    let ask = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    guard let python = find("python3"), let path = try? runNow(python, ["-c", ask]), FileManager.default.isExecutableFile(atPath: path) else {
      return nil
    }
    return path
  }()

  private static func runNow(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Runs a program to its end. Its output goes to files, so that no pipe can fill up.
  static func run(_ program: String?, _ arguments: [String], in folder: Folder) async throws -> Outcome {
    guard let program else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    let out = folder.path("\(UUID().uuidString).out")
    let err = folder.path("\(UUID().uuidString).err")
    for path in [out, err] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: out))
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: err))
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
    let text = { (path: String) in (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
    return Outcome(status: status, output: text(out), errors: text(err))
  }

  /// The hash column of `-f framemd5`, in order of presentation.
  static func hashes(_ text: String) -> [String] {
    text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      line.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}

/// A folder that goes away with the test.
final class Folder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-rtmp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }
}

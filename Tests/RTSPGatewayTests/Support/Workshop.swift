import Foundation

/// A folder of one test, with the clips it asks for and the hashes of what they show.
final class Workshop: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "ff-rtsp-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  enum Kind: String, CaseIterable, Sendable {
    /// One slice, no B pictures, parameter sets in the stream.
    case plain
    /// B pictures and four slices.
    case reordered
    /// Parameter sets in the container's header only.
    case bare
    case h265
    /// H.264 with AAC.
    case sound

    var extraOptions: [String] {
      switch self {
      case .plain: ["-c:v", "libx264", "-tune", "zerolatency", "-x264-params", "slices=1:sliced-threads=0", "-an"]
      case .reordered: ["-c:v", "libx264", "-bf", "2", "-x264-params", "slices=4", "-an"]
      case .bare: ["-c:v", "libx264", "-tune", "zerolatency", "-bsf:v", "filter_units=remove_types=7-8", "-an"]
      case .h265: ["-c:v", "libx265", "-x265-params", "log-level=error", "-an"]
      case .sound: ["-c:v", "libx264", "-tune", "zerolatency", "-c:a", "aac", "-b:a", "64k"]
      }
    }
  }

  static let frames = 60

  /// A clip of 60 frames at 25 fps with one key frame, so that a reader that joins late sees all of it from the cache.
  func clip(_ kind: Kind) async throws -> String {
    let file = path("\(kind.rawValue).mp4")
    let outcome = try await Program.run(
      [
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-f", "lavfi", "-i",
        "sine=frequency=440:sample_rate=48000",
        "-t", "2.4", "-pix_fmt", "yuv420p", "-g", "250", "-preset", "veryfast",
      ] + kind.extraOptions + ["-y", file], folder: folder)
    guard outcome.status == 0 else { throw Trouble("ffmpeg cannot make \(kind): \(outcome.errors)") }
    return file
  }

  /// MD5 of each decoded picture of a file or address, in order of presentation.
  func pictures(_ input: [String], within seconds: Double = 40) async throws -> [String] {
    let file = path("\(UUID().uuidString).framemd5")
    let outcome = try await Program.run(
      ["ffmpeg", "-v", "error"] + input + ["-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-y", file], folder: folder,
      within: seconds)
    let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    let hashes = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: ",").last }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    if hashes.isEmpty { throw Trouble("no pictures: \(outcome.status) \(outcome.errors)") }
    return hashes
  }

  struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }
}

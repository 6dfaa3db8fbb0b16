/// ffmpeg's own decoding of a file.
enum Referee {
  struct Frame: Hashable {
    var stream: Int
    /// Milliseconds.
    var pts: Int
    var hash: String
  }

  /// Every decoded video frame, with its absolute time.
  static func video(_ path: String) async throws -> [Frame] {
    try await frames(path, ["-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"])
  }

  /// Hash of each decoded frame of sound.
  static func audio(_ path: String) async throws -> [String] { try await frames(path, ["-map", "0:a"]).map(\.hash) }

  private static func frames(_ path: String, _ arguments: [String]) async throws -> [Frame] {
    let text = try await Shell.run(
      "/usr/bin/ffmpeg", ["-v", "error", "-xerror", "-copyts", "-i", path] + arguments + ["-f", "framehash", "-hash", "md5", "-"])
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      let fields = line.split(separator: ",").map { $0.trimmed }
      guard fields.count == 6, let stream = Int(fields[0]), let pts = Int(fields[2]) else { return nil }
      return Frame(stream: stream, pts: pts, hash: fields[5])
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(drop { $0 == " " }) }
}

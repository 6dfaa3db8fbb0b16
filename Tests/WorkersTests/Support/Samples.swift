import Foundation
import Model
import NIOCore

/// Units for the pool: made up, or coded by ffmpeg.
enum Samples {
  struct Failed: Error { var what: String }
  static var hasFFmpeg: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg") }
  static var hasPython: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") }

  static let track = Track(index: 0, codec: .h264, clockRate: 90_000)

  static func unit(_ bytes: [UInt8], number: UInt64 = 1) throws -> AccessUnit {
    guard let path = StreamName("live/cam1") else { throw Failed(what: "name") }
    return AccessUnit(
      id: AccessUnitID(origin: UnitOrigin(node: "county", path: path), epoch: 7, number: number), track: 0,
      pts: MediaTime(value: 0, timescale: 90_000), firstArrival: BootTime(nanoseconds: 5), arrival: BootTime(nanoseconds: 6), flags: .key,
      payload: ByteBuffer(bytes: bytes))
  }

  /// One picture coded by ffmpeg: its NAL units without start codes.
  static func keyFrame(_ source: String, codec: Codec = .h264, extra: [String] = [], in folder: TemporaryFolder) async throws -> [[UInt8]] {
    let path = folder.file("\(UUID().uuidString).bin")
    let encoder = codec == .h264 ? ["libx264", "-f", "h264"] : ["libx265", "-x265-params", "log-level=none", "-f", "hevc"]
    try await run(
      "/usr/bin/ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", "yuv420p", "-c:v"] + encoder + extra + [path])
    return nalUnits([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  static func run(_ executable: String, _ arguments: [String]) async throws {
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
      process.standardInput = FileHandle.nullDevice
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    guard status == 0 else { throw Failed(what: "\(executable) \(arguments) exited \(status)") }
  }

  static func nalUnits(_ stream: [UInt8]) -> [[UInt8]] {
    var units: [[UInt8]] = []
    var start: Int?
    var at = 0
    while at + 3 <= stream.count {
      if stream[at] == 0, stream[at + 1] == 0, stream[at + 2] == 1 {
        if let start { units.append(trimmed(stream[start..<at])) }
        start = at + 3
        at += 3
      } else {
        at += 1
      }
    }
    if let start { units.append(Array(stream[start...])) }
    return units
  }

  private static func trimmed(_ nal: ArraySlice<UInt8>) -> [UInt8] {
    var nal = nal
    while nal.last == 0 { nal.removeLast() }
    return Array(nal)
  }

  static func lengthPrefixed(_ units: [[UInt8]]) -> [UInt8] {
    units.flatMap { unit in withUnsafeBytes(of: UInt32(unit.count).bigEndian) { Array($0) } + unit }
  }
}

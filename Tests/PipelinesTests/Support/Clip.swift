import Foundation
import Model
import NIOCore
import Pipelines

/// A clip coded and muxed by ffmpeg, taken apart into what the hub would hand to a recorder.
struct Clip {
  enum Kind: String, CaseIterable {
    case h264BFrames, h265, h264AAC, opus, pcma, h265Opus
  }

  var path: String
  var tracks: [RecorderTrack]
  var units: [AccessUnit]
  struct NoName: Error {}

  static func make(_ kind: Kind, seconds: Int, in folder: TemporaryFolder) async throws -> Clip {
    let path = folder.file("\(kind.rawValue).mkv")
    let video = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25"]
    let h264 = [
      "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-bf", "3", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
    ]
    let h265 = [
      "-c:v", "libx265", "-pix_fmt", "yuv420p", "-preset", "veryfast", "-x265-params", "open-gop=0:keyint=50:min-keyint=50:log-level=none",
    ]
    let tone = ["-f", "lavfi", "-i", "sine=f=440:r=48000"]
    let arguments =
      switch kind {
      case .h264BFrames: video + h264
      case .h265: video + h265
      case .h264AAC: video + tone + h264 + ["-c:a", "aac", "-b:a", "64k"]
      case .h265Opus: video + tone + h265 + ["-c:a", "libopus", "-b:a", "48k"]
      case .opus: tone + ["-c:a", "libopus", "-b:a", "48k"]
      case .pcma: ["-f", "lavfi", "-i", "sine=f=440:r=8000", "-c:a", "pcm_alaw"]
      }
    _ = try await Shell.run("/usr/bin/ffmpeg", ["-v", "error", "-y"] + arguments + ["-t", "\(seconds)", path])
    return try Clip(path: path)
  }

  init(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let file = try MatroskaFile(bytes)
    guard let name = StreamName("live/clip") else { throw NoName() }
    let origin = UnitOrigin(node: "test", path: name)
    self.path = path
    tracks = file.tracks.enumerated().map { index, track in track.recorderTrack(index: UInt8(index)) }
    units = []
    for (number, block) in file.blocks.enumerated() {
      guard let index = file.tracks.firstIndex(where: { $0.number == block.track }) else { continue }
      let pts = MediaTime(value: block.nanoseconds - file.tracks[index].codecDelay, timescale: 1_000_000_000)
      units.append(
        AccessUnit(
          id: AccessUnitID(origin: origin, epoch: 1, number: UInt64(number + 1)), track: UInt8(index), pts: pts,
          firstArrival: BootTime(nanoseconds: block.nanoseconds), arrival: BootTime(nanoseconds: block.nanoseconds),
          flags: block.isKey ? .key : [], payload: ByteBuffer(bytes: block.frame)))
    }
  }

  /// Units in decode order, cut whenever the newest picture is `seconds` on, as the archive's timer would hand them over.
  func batches(seconds: Double) -> [[AccessUnit]] {
    var batches: [[AccessUnit]] = [[]]
    for unit in units {
      if Double(unit.arrival.nanoseconds) / 1e9 >= seconds * Double(batches.count) { batches.append([]) }
      batches[batches.count - 1].append(unit)
    }
    return batches
  }
}

import Foundation
import Model
import NIOCore
import Wire

/// A clip coded by ffmpeg, taken apart into what the hub would be given.
struct TestClip: Sendable {
  enum Kind: String, Sendable { case h264BFramesAAC, h264Small, h265, aac }
  struct Unreadable: Error { var what: String }

  static let program = "/usr/bin/ffmpeg"
  static let start = BootTime(nanoseconds: 1_000_000_000_000)

  var path: String
  var tracks: [Track]
  var units: [AccessUnit]

  /// - Parameters:
  ///   - seconds: with a key frame each second, 25 pictures a second.
  ///   - size: width and height.
  static func make(_ kind: Kind, seconds: Int, in folder: String, size: String = "320x180") async throws -> TestClip {
    let path = "\(folder)/\(kind.rawValue)-\(seconds)-\(size).mp4"
    let video = ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=25"]
    let tone = ["-f", "lavfi", "-i", "sine=f=440:r=48000"]
    let common = ["-pix_fmt", "yuv420p", "-g", "25", "-keyint_min", "25", "-video_track_timescale", "90000"]
    let codecs =
      switch kind {
      case .h264BFramesAAC:
        video + tone + ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-sc_threshold", "0", "-c:a", "aac", "-b:a", "64k"] + common
      case .h264Small: video + ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-sc_threshold", "0"] + common
      case .h265:
        video + ["-c:v", "libx265", "-preset", "veryfast", "-x265-params", "open-gop=0:keyint=25:min-keyint=25:scenecut=0:log-level=none"]
          + common
      case .aac: tone + ["-c:a", "aac", "-b:a", "64k"]
      }
    if !FileManager.default.fileExists(atPath: path) {
      _ = try await Shell.run(program, ["-v", "error", "-y"] + codecs + ["-t", "\(seconds)", path])
    }
    return try await TestClip(path: path)
  }

  init(path: String) async throws {
    self.path = path
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let streams = try JSONSerialization.jsonObject(
      with: Data(try await Shell.run("/usr/bin/ffprobe", ["-v", "error", "-show_streams", "-show_data", "-of", "json", path])))
    guard let list = (streams as? [String: Any])?["streams"] as? [[String: Any]] else { throw Unreadable(what: "streams") }
    tracks = try list.map(TestClip.track)
    let packets = try await Shell.text(
      "/usr/bin/ffprobe", ["-v", "error", "-show_entries", "packet=stream_index,pts,dts,size,pos,flags", "-of", "compact=p=0", path])
    guard let name = StreamName("live/clip") else { throw Unreadable(what: "name") }
    let origin = UnitOrigin(node: "test", path: name)
    units = []
    for line in packets.split(separator: "\n") {
      let fields = Dictionary(
        line.split(separator: "|").compactMap { part in
          part.firstIndex(of: "=").map { (String(part[..<$0]), String(part[part.index(after: $0)...])) }
        }
      ) { first, _ in first }
      guard let index = fields["stream_index"].flatMap({ Int($0) }), let pts = fields["pts"].flatMap({ Int64($0) }),
        let dts = fields["dts"].flatMap({ Int64($0) }), let size = fields["size"].flatMap({ Int($0) }), let at = fields["pos"].flatMap({ Int($0) })
      else { throw Unreadable(what: String(line)) }
      let track = tracks[index]
      let arrival = TestClip.start + Nanoseconds(MediaTime(value: dts, timescale: track.clockRate).nanoseconds + 1_000_000_000)
      let isKey = track.codec.isVideo && fields["flags"]?.hasPrefix("K") == true
      units.append(
        AccessUnit(
          id: AccessUnitID(origin: origin, epoch: 7, number: UInt64(units.count + 1)), track: UInt8(index),
          pts: MediaTime(value: pts, timescale: track.clockRate), dts: MediaTime(value: dts, timescale: track.clockRate), firstArrival: arrival,
          arrival: arrival, flags: isKey ? [.key, .clean] : .clean, payload: ByteBuffer(bytes: bytes[at..<at + size])))
    }
  }

  private static func track(_ stream: [String: Any]) throws -> Track {
    guard let index = stream["index"] as? Int, let codec = stream["codec_name"] as? String, let dump = stream["extradata"] as? String,
      let scale = (stream["time_base"] as? String)?.split(separator: "/").last.flatMap({ Int32($0) })
    else { throw Unreadable(what: "\(stream)") }
    // "\n00000000: 0164 000b ffe1 … .d......\n"
    let hex = dump.split(separator: "\n").map { line in line.split(separator: " ", maxSplits: 1).last.map { $0.prefix(39) } ?? "" }.joined()
    let data = Hex.decode(hex.filter { $0 != " " }) ?? []
    var track: Track
    switch codec {
    case "h264": track = Track(index: UInt8(index), codec: .h264, clockRate: scale, parameters: AVCConfiguration(data)?.parameters)
    case "hevc": track = Track(index: UInt8(index), codec: .h265, clockRate: scale, parameters: HEVCConfiguration(data)?.parameters)
    default:
      track = Track(index: UInt8(index), codec: .aac, clockRate: scale, parameters: .aac(audioSpecificConfig: data), channels: 1)
    }
    track.fillFromParameters()
    guard track.parameters != nil else { throw Unreadable(what: "parameters of \(codec)") }
    return track
  }

  var pictures: Int { units.filter { tracks[Int($0.track)].codec.isVideo }.count }
  var bytes: Int { units.reduce(0) { $0 + $1.payload.readableBytes } }

  // MARK: Proof by ffmpeg

  /// MD5 of every decoded picture of files read one after the other.
  static func pictureHashes(_ paths: [String]) async throws -> [String] {
    try await hashes(paths, ["-map", "0:v:0", "-fps_mode", "passthrough"])
  }

  /// MD5 of every coded audio frame.
  static func audioHashes(_ paths: [String]) async throws -> [String] { try await hashes(paths, ["-map", "0:a:0", "-c", "copy"]) }

  private static func hashes(_ paths: [String], _ arguments: [String]) async throws -> [String] {
    var found: [String] = []
    for path in paths {
      let text = try await Shell.text(program, ["-v", "error", "-i", path] + arguments + ["-f", "framehash", "-hash", "md5", "-"])
      found += text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
        // stream, dts, pts, duration, size, hash [, side data …]
        let fields = line.split(separator: ",")
        return fields.count > 5 ? fields[5].filter { $0 != " " } : nil
      }
    }
    return found
  }
}

import Foundation
import Model
import NIOCore
import Testing
import Wire

/// A committed clip: one track's encoded frames as ffmpeg's MP4 holds them, and what ffprobe says about it (Corpora/make-media.py).
struct MediaClip {
  struct Frame {
    var pts: Int64
    var dts: Int64
    var isKey: Bool
    var bytes: [UInt8]
  }

  static let origin = UnitOrigin(node: "test", path: StreamName("live/clip")!)

  var codec: Codec
  var clockRate: Int32
  var frames: [Frame] = []
  /// The body of avcC or hvcC, or the AudioSpecificConfig.
  var config: [UInt8] = []
  /// ffprobe's width, height, r_frame_rate, profile, level, has_b_frames.
  var probe: [String] = []
  /// The same frames as ffmpeg sent them by RTP.
  var packets: [[UInt8]] = []

  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Corpora")
    return Array(try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  init(_ name: String) throws {
    switch name.split(separator: "/").first {
    case "h264": (codec, clockRate) = (.h264, 90_000)
    case "h265": (codec, clockRate) = (.h265, 90_000)
    case "aac": (codec, clockRate) = (.aac, 44_100)
    case "opus": (codec, clockRate) = (.opus, 48_000)
    default: (codec, clockRate) = (name.hasSuffix("alaw") ? .pcma : .pcmu, 8000)
    }
    var units = ByteBuffer(bytes: try MediaClip.bytes(name + ".units"))
    while let pts = units.readInteger(as: Int64.self), let dts = units.readInteger(as: Int64.self),
      let key = units.readInteger(as: UInt8.self), let length = units.readInteger(as: UInt32.self),
      let bytes = units.readBytes(length: Int(length))
    {
      frames.append(Frame(pts: pts, dts: dts, isKey: key == 1, bytes: bytes))
    }
    config = (try? MediaClip.bytes(name + ".config")) ?? []
    probe = String(decoding: (try? MediaClip.bytes(name + ".probe")) ?? [], as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).map(String.init)
    var capture = ByteBuffer(bytes: (try? MediaClip.bytes(name + ".rtp")) ?? [])
    while let length = capture.readInteger(as: UInt16.self), let packet = capture.readBytes(length: Int(length)) { packets.append(packet) }
  }

  var parameters: CodecParameters? {
    switch codec {
    case .h264: AVCConfiguration(config)?.parameters
    case .h265: HEVCConfiguration(config)?.parameters
    case .aac: .aac(audioSpecificConfig: config)
    case .opus: .opus(channels: 2)
    case .pcma, .pcmu: .g711(channels: 1)
    }
  }

  /// The track as a publisher's SDP with all parameters would tell it.
  var track: Track {
    var track = Track(index: 0, codec: codec, clockRate: clockRate, parameters: parameters)
    track.fillFromParameters()
    return track
  }

  /// A unit's NAL units with the parameter sets a key unit is sent with, which go behind a delimiter.
  func sent(_ unit: AccessUnit) -> [[UInt8]] {
    guard unit.isKey else { return unit.nals }
    let delimiter: UInt8 = codec == .h264 ? 9 : 35 << 1
    let isDelimited = unit.nals.first?.first == delimiter
    return (isDelimited ? [unit.nals[0]] : []) + parameterSets + unit.nals.dropFirst(isDelimited ? 1 : 0)
  }

  var parameterSets: [[UInt8]] {
    switch parameters {
    case .h264(let sps, let pps): sps + pps
    case .h265(let vps, let sps, let pps): vps + sps + pps
    default: []
    }
  }

  /// The frames as units, numbered from 1 in epoch 7.
  var units: [AccessUnit] {
    frames.enumerated().map { index, frame in
      let arrival = BootTime(nanoseconds: Int64(index) * 40_000_000)
      return AccessUnit(
        id: AccessUnitID(origin: MediaClip.origin, epoch: 7, number: UInt64(index + 1)), track: 0,
        pts: MediaTime(value: frame.pts, timescale: clockRate), firstArrival: arrival, arrival: arrival,
        flags: frame.isKey && codec.isVideo ? [.key, .clean] : .clean, payload: ByteBuffer(bytes: frame.bytes))
    }
  }
}

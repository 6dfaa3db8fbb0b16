import FirstFrameTesting
import Model
import NIOCore

/// Units of a camera that needs no coder: real parameter sets, slices of pseudo-random bytes, the same on every machine. The muxer does not look inside.
enum SmallClip {
  static let video = Track(
    index: 0, codec: .h264, clockRate: 90_000,
    parameters: .h264(sps: [Hex.decode("6742c00bda05079ffc0440000003004000000c83c50aa8") ?? []], pps: [Hex.decode("68ce0fc8") ?? []]),
    nominalFrameRateMilli: 25_000, width: 320, height: 240)
  static let audio = Track(index: 1, codec: .aac, clockRate: 48_000, parameters: .aac(audioSpecificConfig: [0x11, 0x88]), channels: 1)

  static let tracks = [video, audio]

  /// - Parameters:
  ///   - seconds: of 25 pictures each, the first of them a key frame, with ten frames of sound.
  ///   - first: second in which it begins; units of the same second are the same in every clip.
  static func units(_ name: StreamName, seconds: Int, from first: Int = 0) -> [AccessUnit] {
    let origin = UnitOrigin(node: "county", path: name)
    return (first..<first + seconds).flatMap { second in
      var random = Mutator(seed: UInt64(second) &+ 1)
      return (0..<35).map { index in unit(origin, second: second, index: index, &random) }
    }
  }

  private static func unit(_ origin: UnitOrigin, second: Int, index: Int, _ random: inout Mutator) -> AccessUnit {
    let isVideo = index % 7 < 5
    let picture = index / 7 * 5 + index % 7
    let sound = index / 7 * 2 + index % 7 - 5
    let isKey = isVideo && picture == 0
    let time = Int64(second) * 1_000_000_000 + (isVideo ? Int64(picture) * 40_000_000 : Int64(sound) * 100_000_000 + 5_000_000)
    let arrival = BootTime(nanoseconds: 1_001_000_000_000 + time)
    let count = isKey ? 60 : isVideo ? Int.random(in: 12...30, using: &random) : 9
    var payload = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    if isVideo { payload = [0, 0, 0, UInt8(count)] + [isKey ? 0x65 : 0x41] + payload.dropFirst() }
    let track = isVideo ? video : audio
    return AccessUnit(
      id: AccessUnitID(origin: origin, epoch: 7, number: UInt64(second * 35 + index + 1)), track: track.index,
      pts: MediaTime(value: time / 1_000_000 * Int64(track.clockRate) / 1000, timescale: track.clockRate), firstArrival: arrival,
      arrival: arrival + .milliseconds(2), flags: isKey ? [.key, .clean] : .clean, payload: ByteBuffer(bytes: payload))
  }
}

/// Which interleaved channel carries which track: RTP and RTCP of each (RFC 2326 §10.12). Looked up once a frame, so it is a flat table.
struct ChannelMap: Hashable, Sendable {
  /// Per channel: 255 nothing, else track × 2 (+ 1 for RTCP), which is the canonical channel.
  private var canonical = [UInt8](repeating: 255, count: 256)

  init() {}

  /// Tracks stop at 127, so that the canonical channel is one byte.
  mutating func set(track: UInt8, rtp: UInt8, rtcp: UInt8) {
    guard track < 127 else { return }
    canonical[Int(rtp)] = track &* 2
    canonical[Int(rtcp)] = track &* 2 &+ 1
  }

  /// The canonical channel of what a channel carries: 2 × track for RTP, one more for RTCP, 255 for nothing.
  subscript(channel: UInt8) -> UInt8 { canonical[Int(channel)] }
}

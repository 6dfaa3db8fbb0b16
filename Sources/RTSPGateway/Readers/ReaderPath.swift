internal import Model
internal import NIOCore
internal import Wire

/// How a reader's packets leave; one entry a track, nil for one that was not set up.
enum ReaderPath {
  /// Inside the RTSP connection.
  case interleaved([RTSPTrackSetUp?])
  case datagrams([DatagramSender?])

  /// The channels of each track, and whether the hub's bytes can go out untouched: every track set up, RTP on channel 2 × track.
  static func channels(_ setUps: [RTSPTrackSetUp?]) -> (pairs: [RTSPTransport.Channels?], isCanonical: Bool) {
    let pairs = setUps.map { setUp -> RTSPTransport.Channels? in
      if case .interleaved(let channels) = setUp?.path { channels } else { nil }
    }
    let isCanonical = pairs.enumerated().allSatisfy { index, pair in pair.map { Int($0.rtp) == index * 2 } ?? false }
    return (pairs, isCanonical)
  }
}

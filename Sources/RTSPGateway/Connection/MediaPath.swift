internal import Model
internal import Transport
internal import Wire

/// How the media of one RTSP session goes: inside the connection, or by UDP. One entry a track, nil for one that was not set up.
///
/// A struct with both arrays, not an enum: senders count, and are changed in place.
struct MediaPath {
  let usesDatagrams: Bool
  /// Inside the connection: the channels of each track's RTP and RTCP; empty otherwise.
  let channels: [RTSPTransport.Channels?]
  /// By UDP: from our ports to the peer's; empty otherwise.
  var senders: [DatagramSender?]

  /// - Parameters:
  ///   - setUps: of all media of the session.
  ///   - sender: makes the sender of one that goes by UDP.
  init(_ setUps: [RTSPTrackSetUp], tracks: Int, sender: (RTSPTrackSetUp) -> DatagramSender?) {
    let ofTrack = (0..<tracks).map { index in setUps.first { $0.track.map(Int.init) == index } }
    usesDatagrams = setUps.contains { !$0.path.isInterleaved }
    channels = usesDatagrams ? [] : ofTrack.map { if case .interleaved(let channels) = $0?.path { channels } else { nil } }
    senders = usesDatagrams ? ofTrack.map { $0.flatMap(sender) } : []
  }

  /// Per track, whether it was set up.
  var sends: [Bool] { usesDatagrams ? senders.map { $0 != nil } : channels.map { $0 != nil } }

  /// Whether the hub's bytes can go out untouched: every track is set up, its RTP on channel 2 × track.
  var isCanonical: Bool {
    !usesDatagrams && channels.enumerated().allSatisfy { index, pair in pair.map { Int($0.rtp) == index * 2 } ?? false }
  }

  /// The flows of a pair's sockets: 2 × track for RTP, one more for RTCP.
  static func flow(track: Int, isRTCP: Bool) -> Int { track &* 2 &+ (isRTCP ? 1 : 0) }
}

extension MediaLoop {
  /// Watches the sockets of every track that goes by UDP.
  /// - Throws: as ``watch(_:flow:receiver:)``; then none is watched.
  func watch(_ path: MediaPath, receiver: any DatagramReceiver) throws(Fault) -> [DatagramWatch] {
    var watches: [DatagramWatch] = []
    for (track, sender) in path.senders.enumerated() {
      guard let sender else { continue }
      do {
        let pair = try watch(
          sender.pair, rtpFlow: MediaPath.flow(track: track, isRTCP: false), rtcpFlow: MediaPath.flow(track: track, isRTCP: true),
          receiver: receiver)
        watches += [pair.rtp, pair.rtcp]
      } catch {
        for watch in watches { unwatch(watch) }
        throw error
      }
    }
    return watches
  }
}

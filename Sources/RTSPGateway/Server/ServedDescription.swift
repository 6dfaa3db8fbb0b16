internal import Hub
internal import Model
internal import Wire

/// A live stream as DESCRIBE shows it to a viewer: the publisher's own payloads where its packets pass through, ours where we make them.
struct ServedDescription {
  let description: RTSPDescription
  /// RTP ticks a second of each track.
  let clockRates: [Int32]

  init(_ stream: StreamDescription) {
    let passesThrough = stream.rtpPayloads.count == stream.tracks.count
    let tracks = stream.tracks.enumerated().map { index, track in
      var entry = SDPTrack(sending: track)
      guard passesThrough else { return entry }
      entry.payload = stream.rtpPayloads[index]
      entry.payload.control = "trackID=\(index)"
      entry.payload.unitIDExtension = nil
      entry.payload.sentTimeExtension = nil
      return entry
    }
    description = RTSPDescription(
      sdp: SDPBuilder.text(tracks, name: stream.name.path, id: stream.epoch), trackCount: tracks.count)
    clockRates = tracks.map(\.payload.clockRate)
  }
}

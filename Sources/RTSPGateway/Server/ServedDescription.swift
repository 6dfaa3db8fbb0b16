internal import Hub
internal import Model
internal import Wire

/// A live stream as DESCRIBE tells it to a viewer: the publisher's own payloads where its packets pass through, ours where we make them.
struct ServedDescription {
  let told: RTSPDescription
  /// RTP ticks a second of each track.
  let clockRates: [Int32]

  init(_ description: StreamDescription) {
    let passesThrough = description.rtpPayloads.count == description.tracks.count
    let tracks = description.tracks.enumerated().map { index, track in
      var entry = SDPTrack(sending: track)
      guard passesThrough else { return entry }
      entry.payload = description.rtpPayloads[index]
      entry.payload.control = "trackID=\(index)"
      entry.payload.unitIDExtension = nil
      entry.payload.sentTimeExtension = nil
      return entry
    }
    told = RTSPDescription(
      sdp: SDPBuilder.text(tracks, name: description.name.path, id: description.epoch), trackCount: tracks.count)
    clockRates = tracks.map(\.payload.clockRate)
  }
}

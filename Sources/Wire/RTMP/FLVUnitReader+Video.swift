internal import Model
internal import NIOCore

/// Video messages: sequence headers, pictures, and the track that they make known.
extension FLVUnitReader {
  mutating func readVideo(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    guard let tag = try FLVVideoTag(message.payload) else { return false }
    switch tag.packet {
    case .sequenceHeader: return try configure(tag)
    case .frames: return readPicture(tag, message, arrival, into: &units)
    case .endOfSequence, .other: return false
    }
  }

  private mutating func configure(_ tag: FLVVideoTag) throws(Fault) -> Bool {
    let record = Array(tag.body.readableBytesView)
    let parameters: CodecParameters
    let lengthSize: Int
    if tag.codec == .h264 {
      guard let configuration = AVCConfiguration(record) else { throw Fault(.mediaMalformed, "avcC") }
      (parameters, lengthSize) = (configuration.parameters, configuration.nalLengthSize)
    } else {
      guard let configuration = HEVCConfiguration(record) else { throw Fault(.mediaMalformed, "hvcC") }
      (parameters, lengthSize) = (configuration.parameters, configuration.nalLengthSize)
    }
    expect(tag.codec)
    video.lengthSize = lengthSize
    return showVideo(hasChanged: video.setParameters(parameters))
  }

  private mutating func readPicture(
    _ tag: FLVVideoTag, _ message: RTMPMessage, _ arrival: BootTime, into units: inout [AccessUnit]
  ) -> Bool {
    guard tag.body.readableBytes > 0 else { return false }
    // One stray tag of another codec must not end the pictures for good: only a sequence header changes the codec of a track that is known.
    guard video.state != .known || video.track.codec == tag.codec else {
      skipped &+= 1
      return false
    }
    expect(tag.codec)
    let time = clock.videoTime(of: message.timestamp, track: video.track.index, arrival: arrival)
    let body = video.withLengths(tag.body) ?? tag.body
    let generation = video.track.generation
    let read = video.read(body, presentation: time &+ Int64(tag.compositionTime), decode: time, arrival: arrival)
    var changed = false
    // Some drones send no other parameter sets than those inside the pictures, and some change them without a new sequence header.
    if read.role.contains(.parametersChanged) { changed = showVideo(hasChanged: true) }
    if video.finish(read, body, id: nextID, into: &units) {
      noteAppended(&units)
      // Sets that came behind a key picture's slices count from its end on.
      if !changed, video.track.generation != generation { changed = showVideo(hasChanged: true) }
    } else if video.state != .known, !video.isOpen {
      skipped &+= 1
    }
    return changed
  }

  /// Expects pictures of this codec. A publisher that turns to another one begins anew, with the next generation of the same track.
  private mutating func expect(_ codec: Codec) {
    guard video.state == .none || video.track.codec != codec else { return }
    let index = tracks.firstIndex { $0.codec.isVideo }
    video.begin(
      Track(
        index: UInt8(clamping: index ?? tracks.count), codec: codec, clockRate: 1000, generation: index.map { tracks[$0].generation &+ 1 } ?? 0))
  }

  /// Puts the video track, as its builder has it, among ``tracks``.
  /// - Returns: whether they changed.
  private mutating func showVideo(hasChanged: Bool) -> Bool {
    guard video.state != .known || hasChanged else { return applyFrameRate() }
    if let index = tracks.firstIndex(where: { $0.codec.isVideo }) {
      video.track.index = UInt8(clamping: index)
      tracks[index] = video.track
    } else {
      video.track.index = UInt8(clamping: tracks.count)
      tracks.append(video.track)
    }
    video.state = .known
    _ = applyFrameRate()
    return true
  }
}

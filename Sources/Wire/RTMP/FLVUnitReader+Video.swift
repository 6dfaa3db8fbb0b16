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
    video?.lengthSize = lengthSize
    let hasChanged = video?.builder.setParameters(parameters) == true
    return showVideo(hasChanged: hasChanged)
  }

  private mutating func readPicture(
    _ tag: FLVVideoTag, _ message: RTMPMessage, _ arrival: BootTime, into units: inout [AccessUnit]
  ) -> Bool {
    guard tag.body.readableBytes > 0 else { return false }
    expect(tag.codec)
    let time = time(message, arrival)
    guard let read = video?.read(tag.body, presentation: time &+ Int64(tag.compositionTime), decode: time, arrival: arrival) else {
      return false
    }
    var changed = false
    // Some drones send no other parameter sets than those inside the pictures, and some change them without a new sequence header.
    if read.role.contains(.parametersChanged) { changed = showVideo(hasChanged: true) }
    if video?.isKnown == true {
      if let unit = video?.finish(read, tag.body, id: nextID) { append(unit, to: &units) }
    } else if video?.builder.hasSlice == true {
      video?.builder.drop()
      skipped &+= 1
    } else {
      _ = video?.finish(read, tag.body, id: nextID)
    }
    return changed
  }

  /// The reader of this codec's pictures. A publisher that turns to another codec begins anew, with the next generation of the same track.
  private mutating func expect(_ codec: Codec) {
    guard let before = video?.builder.track else {
      video = FLVPictureReader(Track(index: 0, codec: codec, clockRate: 1000))
      return
    }
    guard before.codec != codec else { return }
    let isInTracks = tracks.indices.contains(Int(before.index)) && tracks[Int(before.index)].codec.isVideo
    video = FLVPictureReader(
      Track(index: before.index, codec: codec, clockRate: 1000, generation: isInTracks ? before.generation &+ 1 : 0))
  }

  /// Puts the video track, as its builder has it, among ``tracks``.
  /// - Returns: whether they changed.
  private mutating func showVideo(hasChanged: Bool) -> Bool {
    guard let reader = video else { return false }
    var track = reader.builder.track
    guard !reader.isKnown || hasChanged else { return applyFrameRate() }
    if let index = tracks.firstIndex(where: { $0.codec.isVideo }) {
      track.index = UInt8(clamping: index)
      tracks[index] = track
    } else {
      track.index = UInt8(clamping: tracks.count)
      tracks.append(track)
    }
    video?.builder.track = track
    video?.isKnown = true
    _ = applyFrameRate()
    return true
  }
}

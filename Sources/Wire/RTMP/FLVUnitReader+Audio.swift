internal import Model
internal import NIOCore

/// Audio messages: AAC and Opus behind a sequence header, G.711 without one.
extension FLVUnitReader {
  mutating func readAudio(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    guard let tag = try FLVAudioTag(message.payload) else { return false }
    switch tag.packet {
    case .sequenceHeader: return try configureAudio(tag)
    case .other: return false
    case .frame:
      guard tag.body.readableBytes > 0 else { return false }
      return readFrame(tag, message, arrival, into: &units)
    }
  }

  private mutating func readFrame(
    _ tag: FLVAudioTag, _ message: RTMPMessage, _ arrival: BootTime, into units: inout [AccessUnit]
  ) -> Bool {
    var changed = false
    if audio == nil, tag.codec == .pcma || tag.codec == .pcmu {
      changed = setAudio(tag.codec, .g711(channels: tag.channels), channels: tag.channels)
    }
    guard let index = audio, tracks.indices.contains(Int(index)), tracks[Int(index)].codec == tag.codec else {
      skipped &+= 1
      return changed
    }
    let time = MediaTime(value: clock.audioTime(of: message.timestamp, track: index, arrival: arrival), timescale: 1000)
    let isAlone = video.state != .known && metadata.announcesVideo != true
    units.append(
      AccessUnit(
        id: nextID, track: index, pts: time, dts: time, firstArrival: arrival, arrival: arrival, generation: tracks[Int(index)].generation,
        flags: isAlone ? [.clean, .key] : .clean, payload: tag.body))
    noteAppended(&units)
    return changed
  }

  private mutating func configureAudio(_ tag: FLVAudioTag) throws(Fault) -> Bool {
    let bytes = Array(tag.body.readableBytesView)
    switch tag.codec {
    case .aac:
      guard let config = AudioSpecificConfig(bytes) else { throw Fault(.mediaMalformed, "AudioSpecificConfig") }
      let channels = config.channels > 0 ? config.channels : tag.channels
      return setAudio(.aac, .aac(audioSpecificConfig: bytes), channels: channels)
    case .opus:
      // OpusHead (RFC 7845 §5.1): the tenth byte counts channels.
      let channels = bytes.count > 9 && bytes[9] > 0 ? Int(bytes[9]) : 2
      return setAudio(.opus, .opus(channels: channels), channels: channels)
    default: return false
    }
  }

  private mutating func setAudio(_ codec: Codec, _ parameters: CodecParameters, channels: Int) -> Bool {
    guard let index = audio, tracks.indices.contains(Int(index)) else {
      let index = UInt8(clamping: tracks.count)
      tracks.append(Track(index: index, codec: codec, clockRate: 1000, parameters: parameters, channels: channels))
      audio = index
      return true
    }
    let before = tracks[Int(index)]
    if before.codec == codec { return tracks[Int(index)].setParameters(parameters) }
    tracks[Int(index)] = Track(
      index: index, codec: codec, clockRate: 1000, parameters: parameters, generation: before.generation &+ 1, channels: channels)
    return true
  }
}

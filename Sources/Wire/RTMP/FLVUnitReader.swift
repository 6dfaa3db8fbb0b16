public import Model
internal import NIOCore

/// Makes access units of a publisher's audio, video and data messages: the ingest hot path behind ``RTMPChunkDecoder``.
///
/// Times are milliseconds on the publisher's own time line, unwrapped beyond 32 bits: dts is the message's timestamp, pts adds the composition
/// time. A unit's payload is the message's own buffer past the tag's head wherever the sender's NAL lengths are four bytes already.
/// Trap-free on any bytes.
public struct FLVUnitReader: Sendable {
  private struct VideoState: Sendable {
    var index: UInt8
    var lengthSize = 4
    /// No damage since the last key unit, and there was one.
    var clean = false
  }

  /// In the order in which they showed themselves. Grows, and parameters change; ``Track/generation`` tells.
  public private(set) var tracks: [Track] = []
  public private(set) var metadata = FLVMetadata()
  /// Media messages that came before their codec's parameters and were left out.
  public private(set) var skipped: UInt64 = 0
  private var video: VideoState?
  private var audio: UInt8?
  private var last: (timestamp: UInt32, time: Int64, arrival: BootTime)?
  private var jumped = false
  /// What the next unit carries; the number goes up by one with each.
  public var nextID: AccessUnitID

  /// - Parameter id: of the first unit.
  public init(id: AccessUnitID) { nextID = id }

  /// Whether every track that metadata announced has its parameters. Without metadata a video track is enough: a sound track that comes later
  /// is added to the stream.
  public var isComplete: Bool {
    if tracks.isEmpty { return false }
    if metadata.announcesVideo == true, video == nil { return false }
    if metadata.announcesAudio == true, audio == nil { return false }
    return video != nil || metadata.announcesVideo == false
  }

  /// Takes one message, appends the units it completes.
  /// - Returns: whether ``tracks`` changed.
  /// - Throws: ``Fault`` `codecUnsupported` or `mediaMalformed`; the next message may be read all the same.
  public mutating func read(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    switch message.kind {
    case .video: return try readVideo(message, arrival: arrival, into: &units)
    case .audio: return try readAudio(message, arrival: arrival, into: &units)
    case .data, .dataAMF3:
      guard let told = FLVMetadata(message) else { return false }
      metadata = told
      return applyFrameRate()
    case .aggregate:
      var changed = false
      for part in message.splitAggregate() { changed = try read(part, arrival: arrival, into: &units) || changed }
      return changed
    default: return false
    }
  }

  // MARK: Video

  private mutating func readVideo(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    guard let tag = try FLVVideoTag(message.payload) else { return false }
    switch tag.packet {
    case .sequenceHeader: return try configure(tag)
    case .frames: return frames(tag, message.timestamp, arrival, into: &units)
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
    let known = videoTrack(tag.codec)
    video?.lengthSize = lengthSize
    return setParameters(parameters, of: known.index) || known.isNew
  }

  /// The video track, made or turned to another codec if need be.
  private mutating func videoTrack(_ codec: Codec) -> (index: UInt8, isNew: Bool) {
    guard let state = video else {
      let index = UInt8(clamping: tracks.count)
      tracks.append(Track(index: index, codec: codec, clockRate: 1000, nominalFrameRateMilli: metadata.frameRateMilli))
      video = VideoState(index: index)
      return (index, true)
    }
    let position = Int(state.index)
    guard tracks.indices.contains(position), tracks[position].codec != codec else { return (state.index, false) }
    tracks[position] = Track(
      index: state.index, codec: codec, clockRate: 1000, generation: tracks[position].generation &+ 1,
      nominalFrameRateMilli: metadata.frameRateMilli)
    video = VideoState(index: state.index)
    return (state.index, true)
  }

  private mutating func setParameters(_ parameters: CodecParameters, of index: UInt8) -> Bool {
    guard tracks.indices.contains(Int(index)) else { return false }
    let changed = tracks[Int(index)].setParameters(parameters)
    return applyFrameRate() || changed
  }

  /// What metadata declares stands where the SPS says nothing.
  private mutating func applyFrameRate() -> Bool {
    guard let rate = metadata.frameRateMilli, let index = video.map({ Int($0.index) }), tracks.indices.contains(index),
      tracks[index].nominalFrameRateMilli == nil
    else { return false }
    tracks[index].nominalFrameRateMilli = rate
    return true
  }

  private mutating func frames(_ tag: FLVVideoTag, _ timestamp: UInt32, _ arrival: BootTime, into units: inout [AccessUnit]) -> Bool {
    var body = tag.body
    guard body.readableBytes > 0 else { return false }
    let lengthSize = video?.lengthSize ?? 4
    var scan = NALScan(codec: tag.codec)
    scan.walk(body, lengthSize: lengthSize)
    if scan.mustRebuild || lengthSize != 4 { body = rebuilt(body, lengthSize: lengthSize) }
    var changed = false
    if scan.hasParameterSets { changed = takeParameterSets(body, codec: tag.codec) }
    guard let state = video, tracks.indices.contains(Int(state.index)), tracks[Int(state.index)].codec == tag.codec else {
      skipped &+= 1
      return changed
    }
    guard body.readableBytes > 0 || scan.damaged else { return changed }
    let time = unwrap(timestamp, arrival)
    var flags: AccessUnit.Flags = scan.isKey ? .key : []
    if scan.damaged { flags.insert(.damaged) }
    let clean = !scan.damaged && (scan.isKey || state.clean)
    if clean { flags.insert(.clean) }
    video?.clean = clean
    takeJump(&flags)
    units.append(
      AccessUnit(
        id: nextID, track: state.index, pts: MediaTime(value: time &+ Int64(tag.compositionTime), timescale: 1000),
        dts: MediaTime(value: time, timescale: 1000), firstArrival: arrival, arrival: arrival,
        generation: tracks[Int(state.index)].generation, flags: flags, payload: body))
    nextID.number &+= 1
    return changed
  }

  /// Parameter sets inside the pictures: some drones send no other, and some change them without a new sequence header.
  private mutating func takeParameterSets(_ body: ByteBuffer, codec: Codec) -> Bool {
    var parameters = CodecParameters.empty(codec)
    if let state = video, tracks.indices.contains(Int(state.index)), tracks[Int(state.index)].codec == codec {
      parameters = tracks[Int(state.index)].parameters ?? parameters
    }
    var updated = false
    for nal in NALUnits(body) where NALScan.isParameterSet(nal, codec) {
      updated = parameters?.update(parameterSet: Array(nal.readableBytesView)) == true || updated
    }
    guard updated, let parameters, parameters.isComplete else { return false }
    let known = videoTrack(codec)
    return setParameters(parameters, of: known.index) || known.isNew
  }

  /// The payload in the house's layout, four-byte lengths, with what could not be read left out.
  private func rebuilt(_ body: ByteBuffer, lengthSize: Int) -> ByteBuffer {
    var rest = body
    var out = ByteBuffer()
    out.reserveCapacity(body.readableBytes + 16)
    while let length = rest.readNALLength(lengthSize), let nal = rest.readSlice(length: length) {
      guard length > 0 else { continue }
      out.writeInteger(UInt32(truncatingIfNeeded: length))
      out.writeImmutableBuffer(nal)
    }
    return out
  }

  // MARK: Audio

  private mutating func readAudio(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    guard let tag = try FLVAudioTag(message.payload) else { return false }
    switch tag.packet {
    case .sequenceHeader: return try configureAudio(tag)
    case .other: return false
    case .frame:
      guard tag.body.readableBytes > 0 else { return false }
      var changed = false
      if audio == nil, tag.codec == .pcma || tag.codec == .pcmu {
        changed = setAudio(tag.codec, .g711(channels: tag.channels), channels: tag.channels)
      }
      guard let index = audio, tracks.indices.contains(Int(index)), tracks[Int(index)].codec == tag.codec else {
        skipped &+= 1
        return changed
      }
      let time = MediaTime(value: unwrap(message.timestamp, arrival), timescale: 1000)
      var flags: AccessUnit.Flags = video == nil && metadata.announcesVideo != true ? [.clean, .key] : .clean
      takeJump(&flags)
      units.append(
        AccessUnit(
          id: nextID, track: index, pts: time, dts: time, firstArrival: arrival, arrival: arrival, generation: tracks[Int(index)].generation,
          flags: flags, payload: tag.body))
      nextID.number &+= 1
      return changed
    }
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
    if let index = audio, tracks.indices.contains(Int(index)) {
      guard tracks[Int(index)].codec == codec else {
        tracks[Int(index)] = Track(
          index: index, codec: codec, clockRate: 1000, parameters: parameters, generation: tracks[Int(index)].generation &+ 1,
          channels: channels)
        return true
      }
      return setParameters(parameters, of: index)
    }
    let index = UInt8(clamping: tracks.count)
    tracks.append(Track(index: index, codec: codec, clockRate: 1000, parameters: parameters, channels: channels))
    audio = index
    return true
  }

  // MARK: Time

  /// The message's time beyond 32 bits. A jump that the arrival does not explain (the encoder restarted its clock) is bridged by the arrival
  /// and marks the next unit.
  private mutating func unwrap(_ timestamp: UInt32, _ arrival: BootTime) -> Int64 {
    guard let before = last else {
      last = (timestamp, Int64(timestamp), arrival)
      return Int64(timestamp)
    }
    let step = Int64(Int32(bitPattern: timestamp &- before.timestamp))
    let elapsed = (arrival - before.arrival).value / 1_000_000
    var time = before.time &+ step
    if step < -3000 || step > 10_000, abs(step &- elapsed) > 5000 {
      time = before.time &+ max(0, elapsed)
      jumped = true
    }
    last = (timestamp, time, arrival)
    return time
  }

  private mutating func takeJump(_ flags: inout AccessUnit.Flags) {
    guard jumped else { return }
    flags.insert(.discontinuity)
    jumped = false
  }
}

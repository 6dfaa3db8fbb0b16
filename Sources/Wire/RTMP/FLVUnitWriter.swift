public import Model
public import NIOCore

/// Writes access units as RTMP messages, already chunked: the egress hot path. One per stream serves all its readers.
///
/// H.264 goes as AVC tags, H.265 as enhanced RTMP's `hvc1`, AAC, G.711 and Opus as audio. Message timestamps are decode times, never falling;
/// presentation times are exact by the composition offset. Tracks that FLV cannot carry (a second video or audio track) are left out.
public struct FLVUnitWriter {
  /// The message stream that every player gets from ``RTMPServerState``, so that one encoding fits all.
  public static let messageStream: UInt32 = 1

  private struct Output {
    var track: Track
    var deriver: DecodeTimeDeriver
  }

  private let encoder: RTMPChunkEncoder
  private let stream: UInt32
  private var video: Output?
  private var audio: Output?
  /// Newest message time written, by video and by audio, and over both.
  private var lastVideo: Int64 = 0
  private var lastAudio: Int64 = 0
  private var newest: Int64 { max(lastVideo, lastAudio) }
  /// What is added to the units' times.
  private var base: Int64 = 0

  /// - Parameter stream: the message stream to write on.
  public init(tracks: [Track], stream: UInt32 = FLVUnitWriter.messageStream, chunkSize: Int = RTMPChunkEncoder.agreedChunkSize) {
    self.stream = stream
    encoder = RTMPChunkEncoder(chunkSize: chunkSize)
    update(tracks)
  }

  /// The stream's tracks changed: write ``writeHeaders(into:)`` after it.
  public mutating func update(_ tracks: [Track]) {
    video = FLVUnitWriter.output(tracks.first { $0.codec.isVideo }, before: video)
    audio = FLVUnitWriter.output(tracks.first { FLVUnitWriter.audioCodecID($0.codec) != nil }, before: audio)
  }

  private static func output(_ track: Track?, before: Output?) -> Output? {
    guard let track else { return nil }
    guard var output = before, output.track.codec == track.codec, output.track.clockRate == track.clockRate else {
      return Output(track: track, deriver: DecodeTimeDeriver(track: track))
    }
    if output.track.generation != track.generation || output.track.parameters != track.parameters { output.deriver.update(track) }
    output.track = track
    return output
  }

  /// Another publication whose times begin at zero again: readers that stayed see them continue.
  public mutating func restart(_ tracks: [Track]) {
    base = newest == 0 ? 0 : newest &+ 40
    (lastVideo, lastAudio, video, audio) = (base, base, nil, nil)
    update(tracks)
  }

  /// FLV's SoundFormat, or for Opus its FourCC as enhanced RTMP's metadata has it; nil for what is no sound of FLV's.
  static func audioCodecID(_ codec: Codec) -> Double? {
    switch codec {
    case .aac: 10
    case .pcma: 7
    case .pcmu: 8
    case .opus: Double(FourCC.opus.rawValue)
    case .h264, .h265: nil
    }
  }

  /// What a reader needs first: `onMetaData` and the sequence headers whose parameters are known.
  public func writeHeaders(into buffer: inout ByteBuffer) {
    let tracks = [video, audio].compactMap { $0?.track }
    guard !tracks.isEmpty else { return }
    write(.data, 5, newest, FLVTagHead(), FLVMetadata.payload(of: tracks), &buffer)
    if let track = video?.track, let record = track.parameters?.codecData {
      var head = FLVTagHead()
      if track.codec == .h264 {
        head.append(0x17)
        head.append(0)
        head.append24(0)
      } else {
        head.append(0x90)
        head.append(.hvc1)
      }
      write(.video, 6, newest, head, ByteBuffer(bytes: record), &buffer)
    }
    if let track = audio?.track, let record = track.parameters?.codecData {
      var head = FLVTagHead()
      if track.codec == .opus {
        head.append(0x90)
        head.append(.opus)
      } else {
        head.append(0xAF)
        head.append(0)
      }
      write(.audio, 4, newest, head, ByteBuffer(bytes: record), &buffer)
    }
  }

  /// Appends one unit; a unit of a track that is not carried, or that cannot be timed, appends nothing.
  public mutating func write(_ unit: AccessUnit, into buffer: inout ByteBuffer) {
    if unit.track == video?.track.index {
      writeVideo(unit, into: &buffer)
    } else if unit.track == audio?.track.index {
      writeAudio(unit, into: &buffer)
    }
  }

  private mutating func writeVideo(_ unit: AccessUnit, into buffer: inout ByteBuffer) {
    guard let codec = video?.track.codec, let decode = unit.dts ?? video?.deriver.decodeTime(of: unit) else { return }
    let time = max(decode.rescaled(to: 1000) &+ base, lastVideo)
    lastVideo = time
    let offset = Int32(clamping: max(-0x80_0000, min(0x7F_FFFF, unit.pts.rescaled(to: 1000) &+ base &- time)))
    var head = FLVTagHead()
    if codec == .h264 {
      head.append(unit.isKey ? 0x17 : 0x27)
      head.append(1)
      head.append24(offset)
    } else {
      // CodedFramesX (3) leaves a zero composition time out.
      head.append((unit.isKey ? 0x90 : 0xA0) | (offset == 0 ? 3 : 1))
      head.append(.hvc1)
      if offset != 0 { head.append24(offset) }
    }
    write(.video, 6, time, head, unit.payload, &buffer)
  }

  private mutating func writeAudio(_ unit: AccessUnit, into buffer: inout ByteBuffer) {
    guard let track = audio?.track else { return }
    let time = max(unit.pts.rescaled(to: 1000) &+ base, lastAudio)
    lastAudio = time
    var head = FLVTagHead()
    switch track.codec {
    case .opus:
      head.append(0x91)
      head.append(.opus)
    case .pcma: head.append(0x72 | (track.channels > 1 ? 1 : 0))
    case .pcmu: head.append(0x82 | (track.channels > 1 ? 1 : 0))
    default:
      head.append(0xAF)
      head.append(1)
    }
    write(.audio, 4, time, head, unit.payload, &buffer)
  }

  private func write(
    _ kind: RTMPMessage.Kind, _ chunkStream: Int, _ time: Int64, _ head: FLVTagHead, _ body: ByteBuffer, _ buffer: inout ByteBuffer
  ) {
    encoder.write(
      kind, chunkStream: chunkStream, stream: stream, timestamp: UInt32(truncatingIfNeeded: time), head: head,
      body: body, into: &buffer)
  }
}

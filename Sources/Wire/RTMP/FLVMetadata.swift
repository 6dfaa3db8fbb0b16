public import Model
public import NIOCore

/// What `onMetaData` declares about a stream before its first frame.
public struct FLVMetadata: Hashable, Sendable {
  /// Whether a video or audio track is announced; nil when metadata does not say.
  public var announcesVideo: Bool?
  /// Whether sound comes; nil while nothing says so.
  public var announcesAudio: Bool?
  /// Frames a second × 1000.
  public var frameRateMilli: Int?

  public init() {}

  /// Understands `@setDataFrame onMetaData {…}` and `onMetaData {…}`; nil for other data messages.
  public init?(_ message: RTMPMessage) {
    var payload = message.payload
    if message.kind == .dataAMF3, payload.getInteger(at: payload.readerIndex, as: UInt8.self) == 0 { payload.moveReaderIndex(forwardBy: 1) }
    guard message.kind == .data || message.kind == .dataAMF3 else { return nil }
    var values = AMF0Decoder.values(in: payload)[...]
    if values.first?.stringValue == "@setDataFrame" { values = values.dropFirst() }
    guard values.first?.stringValue == "onMetaData", let object = values.dropFirst().first?.objectValue else { return nil }
    let video = FLVMetadata.announces(object, codec: "videocodecid", also: ["width", "height", "videodatarate"])
    let audio = FLVMetadata.announces(object, codec: "audiocodecid", also: ["audiosamplerate", "audiodatarate"])
    // Whoever describes one track and not the other has no other; whoever describes none has said nothing.
    if video || audio { (announcesVideo, announcesAudio) = (video, audio) }
    if let rate = object["framerate"]?.numberValue ?? object["fps"]?.numberValue, rate > 0, rate <= 1000 {
      frameRateMilli = Int((rate * 1000).rounded())
    }
  }

  private static func announces(_ object: AMF0Object, codec: String, also hints: [String]) -> Bool {
    if let value = object[codec] { return value.numberValue.map { $0 != 0 } ?? (value.stringValue != nil) }
    return hints.contains { (object[$0]?.numberValue ?? 0) > 0 }
  }

  /// `onMetaData` for readers of these tracks, a data message's payload.
  public static func payload(of tracks: [Track]) -> ByteBuffer {
    var object: AMF0Object = [:]
    for track in tracks {
      if track.codec.isVideo {
        object["width"] = track.width.map { .number(Double($0)) }
        object["height"] = track.height.map { .number(Double($0)) }
        object["framerate"] = track.nominalFrameRateMilli.map { .number(Double($0) / 1000) }
        object["videocodecid"] = .number(track.codec == .h264 ? 7 : Double(FourCC.hvc1.rawValue))
      } else {
        object["audiocodecid"] = FLVUnitWriter.audioCodecID(track.codec).map(AMF0Value.number)
        object["stereo"] = .boolean(track.channels > 1)
      }
    }
    object["encoder"] = "FirstFrame"
    var payload = ByteBuffer()
    payload.writeAMF0(["onMetaData", .ecmaArray(object)])
    return payload
  }
}

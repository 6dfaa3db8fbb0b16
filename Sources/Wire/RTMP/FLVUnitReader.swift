public import Model
internal import NIOCore

/// Makes access units of a publisher's audio, video and data messages: the ingest hot path behind ``RTMPChunkDecoder``.
///
/// Times are milliseconds on the publisher's own time line, unwrapped beyond 32 bits: dts is the message's timestamp, pts adds the composition
/// time. A unit's payload is the message's own buffer past the tag's head wherever the sender's NAL lengths are four bytes already.
/// Trap-free on any bytes.
public struct FLVUnitReader: Sendable {
  /// In the order in which they showed themselves. Grows, and parameters change; ``Track/generation`` says so.
  public internal(set) var tracks: [Track] = []
  /// What `onMetaData` declared last.
  public private(set) var metadata = FLVMetadata()
  /// Media messages that came before their codec's parameters and were left out.
  public internal(set) var skipped: UInt64 = 0
  /// What the next unit carries; the number goes up by one with each.
  public var nextID: AccessUnitID

  var video = FLVPictureReader()
  /// Index of the audio track.
  var audio: UInt8?
  var clock = FLVClock()

  /// - Parameter id: of the first unit.
  public init(id: AccessUnitID) { nextID = id }

  /// Whether every track that metadata announced has its parameters. Without metadata a video track is enough: a sound track that comes later
  /// is added to the stream.
  public var isComplete: Bool {
    if tracks.isEmpty { return false }
    let hasVideo = video.state == .known
    if metadata.announcesVideo == true, !hasVideo { return false }
    if metadata.announcesAudio == true, audio == nil { return false }
    return hasVideo || metadata.announcesVideo == false
  }

  /// Reads one message, appends the units it completes.
  /// - Returns: whether ``tracks`` changed.
  /// - Throws: ``Fault`` `codecUnsupported` or `mediaMalformed`; the next message may be read all the same.
  public mutating func read(_ message: RTMPMessage, arrival: BootTime, into units: inout [AccessUnit]) throws(Fault) -> Bool {
    switch message.kind {
    case .video: return try readVideo(message, arrival: arrival, into: &units)
    case .audio: return try readAudio(message, arrival: arrival, into: &units)
    case .data, .dataAMF3:
      guard let declared = FLVMetadata(message) else { return false }
      metadata = declared
      return applyFrameRate()
    case .aggregate:
      var changed = false
      for part in message.splitAggregate() { changed = try read(part, arrival: arrival, into: &units) || changed }
      return changed
    default: return false
    }
  }

  /// What was put right so far.
  public var repairs: MediaRepairs {
    var all = MediaRepairs()
    all.clockJumps = clock.repairCount
    all.startCodes = video.builder.startCodes
    return all
  }

  /// Jumps of the sender's clock since the last call that were not passed on; the first of them where they are many.
  public mutating func removeClockRepairs() -> [ClockRepair] { clock.removeRepairs() }

  /// What metadata declares stands where the SPS says nothing.
  mutating func applyFrameRate() -> Bool {
    guard video.state == .known, let rate = metadata.frameRateMilli, video.track.nominalFrameRateMilli == nil else { return false }
    video.track.nominalFrameRateMilli = rate
    tracks[Int(video.track.index)].nominalFrameRateMilli = rate
    return true
  }

  /// A unit with ``nextID`` was appended.
  mutating func noteAppended(_ units: inout [AccessUnit]) {
    nextID.number &+= 1
    if clock.removeJump() { units[units.count &- 1].flags.insert(.discontinuity) }
  }
}

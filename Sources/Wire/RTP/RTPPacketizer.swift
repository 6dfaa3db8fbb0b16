public import Model
public import NIOCore

/// Writes one track's access units as RTP packets, each framed for RTSP's interleaving (`$ channel length packet`); a UDP sender skips the
/// four bytes. Keeps sequence number, SSRC, timestamps and the counts a sender report wants.
///
/// H.264 as single NAL units and FU-A (packetization-mode 1), H.265 as single NAL units and FUs, AAC as `AAC-hbr` with sizes of 13 and
/// indexes of 3 bits, Opus and G.711 bare.
public struct RTPPacketizer: Sendable {
  /// Whose parameter sets are sent before key units that lack them. Set it when the publisher's change.
  public var track: Track
  /// 0…127.
  public let payloadType: UInt8
  /// Our synchronisation source for the track.
  public let ssrc: UInt32
  /// RTP ticks a second: 90 000 for video, the sampling rate for audio (48 000 for Opus), whatever the units' timescale is.
  public let clockRate: Int32
  /// Of the next packet.
  public private(set) var sequenceNumber: UInt16
  /// Packets and payload octets sent so far, modulo 2³² as a sender report carries them (RFC 3550 §6.4.1).
  public private(set) var packetCount: UInt32 = 0
  /// Payload bytes without headers.
  public private(set) var octetCount: UInt32 = 0

  private let timestampOffset: UInt32
  private let maximumPacketLength: Int
  private let unitIDExtension: UInt8?
  private let sentTimeExtension: UInt8?
  /// The id that the next packet carries, and when its unit was about to leave.
  private var pendingID: (epoch: UInt64, number: UInt64)?
  private var pendingSent: BootTime?
  /// Where the next audio frame begins if it follows at once, in RTP ticks.
  private var nextAudioTime: Int64?
  private let audioFrameTicks: Int64

  /// - Parameters:
  ///   - maximumPacketLength: of a whole RTP packet with header and extension.
  ///   - unitIDExtension: the id from `a=extmap` (1…14) under which the first packet of each unit carries the unit's id; nil for none.
  ///   - sentTimeExtension: the id under which it carries when the unit was about to leave, where that is known; only beside unit ids.
  public init(
    track: Track, payloadType: UInt8, ssrc: UInt32, sequenceNumber: UInt16 = 0, timestampOffset: UInt32 = 0,
    maximumPacketLength: Int = 1400, unitIDExtension: UInt8? = nil, sentTimeExtension: UInt8? = nil
  ) {
    self.track = track
    self.payloadType = payloadType & 0x7F
    self.ssrc = ssrc
    self.sequenceNumber = sequenceNumber
    self.timestampOffset = timestampOffset
    self.maximumPacketLength = max(64, min(InterleavedFraming.maximumPacketLength, maximumPacketLength))
    self.unitIDExtension = unitIDExtension.flatMap { (1...14).contains($0) ? $0 : nil }
    self.sentTimeExtension = self.unitIDExtension == nil ? nil : sentTimeExtension.flatMap { (1...14).contains($0) ? $0 : nil }
    clockRate = RTPPacketizer.clockRate(of: track)
    audioFrameTicks = RTPPacketizer.audioFrameTicks(of: track)
  }

  /// The RTP clock rate of a track, whatever timescale its units have (RFC 6184 §8.2.1, RFC 7798 §7.1, RFC 3640 §4.1, RFC 7587 §4.1).
  public static func clockRate(of track: Track) -> Int32 {
    switch track.codec {
    case .h264, .h265: return 90_000
    case .opus: return 48_000
    case .pcma, .pcmu: return track.clockRate > 1000 ? track.clockRate : 8000
    case .aac:
      if track.clockRate > 1000 { return track.clockRate }
      guard case .aac(let bytes) = track.parameters, let config = AudioSpecificConfig(bytes) else { return 48_000 }
      return Int32(clamping: config.sampleRate)
    }
  }

  /// Appends the packets of one unit.
  /// - Parameter sent: the instant before its first write, for a receiver that is one of our nodes.
  public mutating func packetize(_ unit: AccessUnit, channel: UInt8, sent: BootTime? = nil, into buffer: inout ByteBuffer) {
    let length = unit.payload.readableBytes
    guard length > 0 else { return }
    if unitIDExtension != nil { pendingID = (unit.id.epoch, unit.id.number) }
    if sentTimeExtension != nil { pendingSent = sent }
    buffer.reserveCapacity(minimumWritableBytes: length &+ (length / max(1, room) &+ 4) &* 24 &+ 64)
    let time = track.codec.isVideo ? unit.pts.rescaled(to: clockRate) : audioTime(unit)
    let timestamp = timestampOffset &+ UInt32(truncatingIfNeeded: time)
    switch track.codec {
    case .h264, .h265: packetizeVideo(unit, timestamp, channel, &buffer)
    case .aac: unit.payload.withUnsafeReadableBytes { packetizeAAC($0, timestamp, channel, &buffer) }
    case .opus: unit.payload.withUnsafeReadableBytes { writeWhole($0, timestamp, channel, &buffer) }
    case .pcma, .pcmu: unit.payload.withUnsafeReadableBytes { packetizeSamples($0, timestamp, channel, &buffer) }
    }
  }

  /// The RTP timestamp of an instant on the stream's time line: for sender reports and RTP-Info.
  public func timestamp(of time: MediaTime) -> UInt32 { timestampOffset &+ UInt32(truncatingIfNeeded: time.rescaled(to: clockRate)) }

  // MARK: Video

  private mutating func packetizeVideo(_ unit: AccessUnit, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer) {
    var missing = unit.isKey ? parameterSetsMissing(in: unit) : []
    unit.payload.withUnsafeReadableBytes { bytes in
      var cursor = NALCursor(bytes)
      var next = cursor.next()
      // An access unit delimiter stays first (H.264 §7.4.1.2.3).
      if !missing.isEmpty, let first = next, isDelimiter(first[0]) {
        writeNAL(first, isLast: false, timestamp, channel, &buffer)
        next = cursor.next()
      }
      for set in missing { set.withUnsafeBytes { writeNAL($0, isLast: false, timestamp, channel, &buffer) } }
      missing = []
      while let nal = next {
        next = cursor.next()
        writeNAL(nal, isLast: next == nil, timestamp, channel, &buffer)
      }
    }
  }

  private func isDelimiter(_ header: UInt8) -> Bool {
    track.codec == .h264 ? H264NALType(header: header) == .accessUnitDelimiter : H265NALType(header: header) == .accessUnitDelimiter
  }

  /// All the track's parameter sets if the unit lacks one kind of them, else none.
  private func parameterSetsMissing(in unit: AccessUnit) -> [[UInt8]] {
    guard let parameters = track.parameters, parameters.isComplete else { return [] }
    var kinds: Set<ParameterSetKind> = track.codec == .h264 ? [.sps, .pps] : [.vps, .sps, .pps]
    unit.payload.withUnsafeReadableBytes { bytes in
      var cursor = NALCursor(bytes)
      while let nal = cursor.next() {
        if let kind = ParameterSetKind(track.codec, header: nal[0]) { kinds.remove(kind) }
      }
    }
    guard !kinds.isEmpty else { return [] }
    return switch parameters {
    case .h264(let sps, let pps): sps + pps
    case .h265(let vps, let sps, let pps): vps + sps + pps
    default: []
    }
  }

  private mutating func writeNAL(
    _ nal: UnsafeRawBufferPointer, isLast: Bool, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer
  ) {
    guard nal.count > room else {
      begin(length: nal.count, marker: isLast, timestamp, channel, &buffer)
      buffer.writeBytes(nal)
      return
    }
    let headerLength = track.codec == .h264 ? 1 : 2
    guard nal.count > headerLength else { return }
    var at = headerLength
    while at < nal.count {
      let size = min(nal.count &- at, room &- headerLength &- 1)
      let end = at &+ size
      begin(length: size &+ headerLength &+ 1, marker: isLast && end == nal.count, timestamp, channel, &buffer)
      let position: UInt8 = (at == headerLength ? 0x80 : 0) | (end == nal.count ? 0x40 : 0)
      if track.codec == .h264 {
        buffer.writeInteger(nal[0] & 0xE0 | H264NALType.fragmentation.rawValue)
        buffer.writeInteger(position | nal[0] & 0x1F)
      } else {
        buffer.writeInteger(nal[0] & 0x81 | H265NALType.fragmentation.rawValue << 1)
        buffer.writeInteger(nal[1])
        buffer.writeInteger(position | H265NALType(header: nal[0]).rawValue)
      }
      buffer.writeBytes(UnsafeRawBufferPointer(rebasing: nal[at..<end]))
      at = end
    }
  }

  // MARK: Audio

  /// RFC 3640 §3.3.6: one frame a packet, or fragments of one.
  private mutating func packetizeAAC(_ frame: UnsafeRawBufferPointer, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer) {
    // The size has 13 bits.
    guard frame.count < 8192 else { return }
    var at = 0
    while at < frame.count {
      let size = min(frame.count &- at, room &- 4)
      let end = at &+ size
      begin(length: size &+ 4, marker: end == frame.count, timestamp, channel, &buffer)
      buffer.writeInteger(UInt16(16))
      buffer.writeInteger(UInt16(truncatingIfNeeded: frame.count) << 3)
      buffer.writeBytes(UnsafeRawBufferPointer(rebasing: frame[at..<end]))
      at = end
    }
  }

  private mutating func writeWhole(_ frame: UnsafeRawBufferPointer, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer) {
    // Longer than any packet, and there are no fragments of Opus.
    guard frame.count <= InterleavedFraming.maximumPacketLength &- overhead else { return }
    begin(length: frame.count, marker: false, timestamp, channel, &buffer)
    buffer.writeBytes(frame)
  }

  /// G.711 may be cut between any two samples; one byte is a sample of one channel.
  private mutating func packetizeSamples(
    _ frame: UnsafeRawBufferPointer, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer
  ) {
    let channels = max(1, min(8, track.channels))
    var at = 0
    while at < frame.count {
      let size = min(frame.count &- at, room / channels &* channels)
      begin(length: size, marker: false, timestamp &+ UInt32(truncatingIfNeeded: at / channels), channel, &buffer)
      buffer.writeBytes(UnsafeRawBufferPointer(rebasing: frame[at..<at &+ size]))
      at &+= size
    }
  }

  /// Milliseconds (RTMP) are too coarse for sample counts: a frame that follows its predecessor within two of them follows it exactly.
  private mutating func audioTime(_ unit: AccessUnit) -> Int64 {
    let time = unit.pts.rescaled(to: clockRate)
    guard unit.pts.timescale != clockRate else { return time }
    let tolerance = UInt64(clockRate) / 500
    let exact = nextAudioTime.map { (time &- $0).magnitude <= tolerance ? $0 : time } ?? time
    let ticks = track.codec.isSampleCoded ? Int64(unit.payload.readableBytes / max(1, track.channels)) : audioFrameTicks
    nextAudioTime = ticks > 0 ? exact &+ ticks : nil
    return exact
  }

  private static func audioFrameTicks(of track: Track) -> Int64 {
    guard case .aac(let bytes) = track.parameters, let config = AudioSpecificConfig(bytes) else { return 0 }
    return Int64(config.samplesPerFrame)
  }

  // MARK: Packets

  /// Bytes before the payload of the next packet.
  private var overhead: Int {
    RTPHeader.fixedLength &+ (pendingID == nil ? 0 : UnitIDExtension.blockLength) &+ (pendingSent == nil ? 0 : 8)
  }
  private var room: Int { maximumPacketLength &- overhead }

  /// Writes everything of a packet that is before its payload of `length` bytes.
  private mutating func begin(length: Int, marker: Bool, _ timestamp: UInt32, _ channel: UInt8, _ buffer: inout ByteBuffer) {
    InterleavedFraming.append(channel: channel, length: overhead &+ length, to: &buffer)
    let first: UInt16 = pendingID == nil ? 0x8000 : 0x9000
    buffer.writeInteger(first | (marker ? 0x80 : 0) | UInt16(payloadType))
    buffer.writeInteger(sequenceNumber)
    buffer.writeInteger(timestamp)
    buffer.writeInteger(ssrc)
    if let pendingID, let unitIDExtension {
      // As UnitIDExtension.write makes it: one-byte form, padded to whole words (RFC 8285 §4.2).
      buffer.writeInteger(pendingSent == nil ? 0xBEDE_0005 : 0xBEDE_0007 as UInt32)
      buffer.writeInteger(unitIDExtension << 4 | 0x0F)
      buffer.writeInteger(pendingID.epoch)
      buffer.writeInteger(pendingID.number)
      if let pendingSent, let sentTimeExtension {
        buffer.writeInteger(sentTimeExtension << 4 | 0x07)
        buffer.writeInteger(pendingSent.nanoseconds)
      } else {
        buffer.writeInteger(UInt8(0))
      }
      buffer.writeInteger(UInt16(0))
    }
    pendingID = nil
    pendingSent = nil
    sequenceNumber &+= 1
    packetCount &+= 1
    octetCount &+= UInt32(truncatingIfNeeded: length)
  }
}

extension Codec {
  /// One byte is one sample.
  fileprivate var isSampleCoded: Bool { self == .pcma || self == .pcmu }
}

public import NIOCore

/// One coded picture or audio frame.
public struct AccessUnit: Sendable {
  /// What is known about a unit; the bits are those of sample files.
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A picture from which decoding can start: IDR, IRAP, or a recovery point where none of them has come for long; every audio frame of an audio-only
    /// stream. Readers, caches, segments and probes begin here.
    public static let key = Flags(rawValue: 1)
    /// Packets of it were lost, or a NAL unit was malformed.
    public static let damaged = Flags(rawValue: 2)
    /// The first unit after a gap of the publisher.
    public static let discontinuity = Flags(rawValue: 4)
    /// Sent later than live: never counts as a first picture.
    public static let backfill = Flags(rawValue: 8)
    /// With ``key``: a recovery point (periodic intra refresh). Decoding can start here, and gives right pictures only some pictures later: it alone is no
    /// picture that counts.
    public static let recovery = Flags(rawValue: 32)
    /// Complete, and its reference chain is clean back to the last key unit (measurement.md §2).
    public static let clean = Flags(rawValue: 16)
  }

  /// The same at every tier.
  public var id: AccessUnitID
  /// Index of the track.
  public var track: UInt8
  /// Presentation time on the stream's time line.
  public var pts: MediaTime
  /// Decode time, where the protocol gave one (RTMP) or it was derived; RTP has none.
  public var dts: MediaTime?
  /// Arrival of the first and of the last packet. Over TCP both are the read's.
  public var firstArrival: BootTime
  /// When the unit was complete.
  public var arrival: BootTime
  /// Nil while the device has not said how its clock runs.
  public var capture: CaptureTime?
  /// ``Track/generation`` that decodes it.
  public var generation: UInt32
  /// Set where the unit is made, and not changed on its way.
  public var flags: Flags
  /// Video: each NAL unit with its length before it, four bytes big-endian (the layout of `avc` and `hvc1`). Audio: the bare frame.
  /// A compact copy, never a slice of a receive buffer.
  public var payload: ByteBuffer

  public init(
    id: AccessUnitID, track: UInt8, pts: MediaTime, dts: MediaTime? = nil, firstArrival: BootTime, arrival: BootTime,
    capture: CaptureTime? = nil, generation: UInt32 = 0, flags: Flags = [], payload: ByteBuffer
  ) {
    self.id = id
    self.track = track
    self.pts = pts
    self.dts = dts
    self.firstArrival = firstArrival
    self.arrival = arrival
    self.capture = capture
    self.generation = generation
    self.flags = flags
    self.payload = payload
  }

  /// Whether decoding can start here.
  public var isKey: Bool { flags.contains(.key) }
  /// The NAL units of a video unit, without prefix.
  public var nalUnits: NALUnits { NALUnits(payload) }
}

public import Hub
public import Measure
public import Model

/// What a protocol adds to publishing: a value that turns its bytes into access units. The protocol's own code feeds it through
/// ``PublisherSession/receive(_:)``; everything else (admission, measuring, posting, ending) is the session's.
///
/// Units may come before the stream is admitted, and tracks may be known late (FLV, MPEG-PS, MPEG-TS): they wait inside the intake. A protocol that
/// describes its tracks first (RTSP) is complete from the start.
public protocol MediaIntake: Sendable {
  /// Whether all tracks share one clock, so that their times are comparable as they are (RTMP, MPEG); RTP tracks each have their own.
  static var hasSharedClock: Bool { get }
  /// The tracks that are known, with their parameters.
  var tracks: [Track] { get }
  /// Whether every track that the protocol has announced is known with its parameters.
  var isComplete: Bool { get }
  /// Payload bytes of units that wait for admission, and when the first of them began to arrive; nil when none waits.
  var held: (bytes: Int, since: BootTime)? { get }

  /// The stream is admitted: units that wait get their identity, and are measured.
  mutating func begin(_ publication: PublicationIdentity, _ meter: inout SessionMeter)
  /// What the last read completed.
  /// - Parameter packetBytes: length of the framed packets that the read brought; 0 for protocols without packets.
  mutating func removeBatch(packetBytes: Int) -> IntakeBatch
  /// What changed besides units since the last call; nil, as after most reads, when nothing did.
  mutating func removeNews() -> IntakeNews?
  /// What was put right in what came so far.
  var repairs: MediaRepairs { get }
  /// Lets the units go that wait: they are too many.
  mutating func dropHeld()
  /// Nothing more comes: completes what is open.
  mutating func flush(_ meter: inout SessionMeter)
}

/// Which publication an intake numbers its units for.
public struct PublicationIdentity: Hashable, Sendable {
  /// Where the units were first received: this node, or the one that relays them.
  public var origin: UnitOrigin
  /// Wall milliseconds of admission.
  public var epoch: UInt64

  /// As the hub's ``Publication`` says.
  public init(origin: UnitOrigin, epoch: UInt64) {
    self.origin = origin
    self.epoch = epoch
  }
}

/// Units that one read completed, in decode order.
public struct IntakeBatch: Sendable {
  /// Numbered already.
  public var units: [AccessUnit]
  /// Where in the read's packets the newest key unit begins; see ``MediaBatch/keyUnitOffset``.
  public var keyUnitOffset: Int?
  /// What is to be put right in the read's packets; see ``MediaBatch/edits``.
  public var edits: [PacketEdit]

  /// `keyUnitOffset` stays nil, and `edits` empty, for protocols without packets.
  public init(units: [AccessUnit], keyUnitOffset: Int? = nil, edits: [PacketEdit] = []) {
    self.units = units
    self.keyUnitOffset = keyUnitOffset
    self.edits = edits
  }
}

/// What an intake found besides units.
public struct IntakeNews: Sendable {
  /// A sender report (RFC 3550 §6.4.1): the sender's wall clock at one of its RTP timestamps.
  public struct SenderClock: Hashable, Sendable {
    /// ``Track/index``.
    public var track: UInt8
    /// The sender's wall clock, from the report's NTP timestamp.
    public var wall: WallTime
    /// In ticks of the track, as the packets that are handed over count them.
    public var rtpTimestamp: UInt32

    /// From one sender report.
    public init(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {
      self.track = track
      self.wall = wall
      self.rtpTimestamp = rtpTimestamp
    }
  }

  /// One key unit's way from another of our nodes: the instant before its first write, on that node's clock, and the arrival of its last packet on ours.
  public struct Transit: Hashable, Sendable {
    /// ``Track/index``.
    public var track: UInt8
    /// On the sender's boot clock.
    public var sent: BootTime
    /// On our boot clock.
    public var arrived: BootTime

    /// From one key unit's sent time and its last packet.
    public init(track: UInt8, sent: BootTime, arrived: BootTime) {
      self.track = track
      self.sent = sent
      self.arrived = arrived
    }
  }

  /// All tracks, when one was added or changed its parameters; nil when none did.
  public var tracks: [Track]?
  /// In the order they came.
  public var senderClocks: [SenderClock]
  /// Of key units that came whole.
  public var transits: [Transit]
  /// Jumps of the sender's clocks that were not passed on; the first of them where they are many.
  public var clockRepairs: [ClockRepair]

  /// No news but what is given.
  public init(tracks: [Track]? = nil, senderClocks: [SenderClock] = [], transits: [Transit] = [], clockRepairs: [ClockRepair] = []) {
    self.tracks = tracks
    self.senderClocks = senderClocks
    self.transits = transits
    self.clockRepairs = clockRepairs
  }
}

extension MediaIntake {
  /// The rule; RTP is the exception.
  public static var hasSharedClock: Bool { true }
  /// None.
  public var repairs: MediaRepairs { MediaRepairs() }
  /// For protocols whose media waits unread elsewhere.
  public mutating func dropHeld() {}
  /// For protocols whose units are complete with their last byte.
  public mutating func flush(_ meter: inout SessionMeter) {}
}

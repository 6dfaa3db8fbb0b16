public import Model
public import NIOCore

/// Puts a video track's NAL units together to access units, whatever protocol brought them: parameter sets in band, key pictures, damage, and
/// what is clean (``ReferenceChain``).
///
/// A reader of a protocol calls, for each picture: ``open(presentation:decode:arrival:)``, ``append(_:)`` for each NAL unit (or the fragment
/// calls), ``finish(id:payload:into:)``; and ``markLoss(isInside:)`` where bytes are missing. A protocol that has no borders between pictures asks
/// ``startsUnit(_:)`` before each NAL unit. Bytes that may be anything never trap; nothing is allocated per NAL unit or fragment.
public struct VideoUnitBuilder: Sendable {
  /// A longer unit is dropped. Bytes.
  public static let maximumUnitLength = 8 << 20

  /// Parameters, generation, picture size and frame rate follow the parameter sets in the stream.
  public internal(set) var track: Track
  /// Units of which nothing usable came, or that were longer than ``maximumUnitLength``.
  public private(set) var unitsDropped: UInt64 = 0
  /// NAL units that were several, with start codes between them: they were taken apart.
  public internal(set) var startCodes: UInt64 = 0
  /// Whether a unit is being built.
  public private(set) var isOpen = false

  private var presentation: Int64 = 0
  private var decode: Int64?
  private var firstArrival = BootTime(nanoseconds: 0)
  private(set) var arrival = BootTime(nanoseconds: 0)
  var picture = PictureTraits()
  var bytes = UnitBytes()
  var chain = ReferenceChain()
  /// Bytes are missing before the next NAL unit, and not inside an open unit.
  var gapBefore: Bool
  /// The SPS says that there is one temporal layer: without it, pictures of higher ones may refer to "sub-layer non-reference" pictures.
  var hasOneLayer = false
  /// The track's parameters with the sets that came since; they apply from the next slice on.
  var pendingParameters: CodecParameters? { didSet { hasPendingParameters = pendingParameters != nil } }
  private(set) var hasPendingParameters = false
  /// Pictures whose slices are still searched for start codes. Senders that leave them in do so from their first picture on, and to search all bytes of all
  /// others would cost as much as receiving them.
  private var searchesLeft = 64
  /// Arrival of the last whole key picture.
  var lastKey: BootTime?
  /// A recovery point is where readers may begin when no key picture has come for so long: a key picture is right at once.
  static let keyPatience = Nanoseconds.seconds(10)
  /// The track's codec, asked for at each NAL unit: H.264, or else H.265.
  let isH264: Bool

  /// - Parameter joinsInside: whether the first NAL unit may come from the middle of a picture, as where one joins a running stream of packets.
  public init(track: Track, joinsInside: Bool = true) {
    self.track = track
    isH264 = track.codec == .h264
    gapBefore = joinsInside
    self.track.fillFromParameters()
    hasOneLayer = VideoUnitBuilder.hasOneLayer(track)
  }

  /// Whether the open unit has a slice, or is known to lack one. Parameter sets and SEI alone are no unit yet: they belong to the picture that
  /// follows (H.264 §7.4.1.2.3).
  public var hasSlice: Bool { picture.hasSlice }
  /// Whether the open unit has become too long; ``finish(id:payload:into:)`` will drop it.
  public var isOversize: Bool { bytes.isOversize }
  /// Whether a NAL unit's fragments are coming.
  public var hasOpenFragment: Bool { bytes.fragmentStart != nil }
  /// Whether slices are searched for start codes, as all other NAL units are.
  var searchesSlices: Bool { searchesLeft > 0 || startCodes > 0 }
  /// Whether it is known already that something is missing here.
  var isLossKnown: Bool { picture.isDamaged || gapBefore }

  // MARK: Times

  /// Opens a unit, or goes on with the open one, for bytes that came at `arrival`. The unit's times are those given last.
  /// - Parameters:
  ///   - presentation: in ticks of the track's clock.
  ///   - decode: the same; nil when the protocol says none.
  public mutating func open(presentation: Int64, decode: Int64? = nil, arrival: BootTime) {
    if isOpen {
      note(arrival: arrival)
    } else {
      isOpen = true
      picture = PictureTraits()
      bytes.begin()
      firstArrival = arrival
      self.arrival = arrival
    }
    self.presentation = presentation
    self.decode = decode
  }

  /// More of the open unit came at `arrival`. Packets are put in order of their numbers; which came first and last is another matter.
  public mutating func note(arrival: BootTime) {
    firstArrival = min(firstArrival, arrival)
    self.arrival = max(self.arrival, arrival)
  }

  // MARK: Loss

  /// Bytes are missing here: a NAL unit under way stays cut.
  /// - Parameter isInside: what came before the gap and what comes after it are of one unit, so the missing bytes are too.
  public mutating func markLoss(isInside: Bool) {
    if !(isInside && isOpen) { gapBefore = true }
    markDamaged()
  }

  /// The open unit lacks something, or something in it cannot be read.
  public mutating func markDamaged() {
    guard isOpen else { return }
    picture.isDamaged = true
    bytes.endFragment()
  }

  /// Nothing that came before may be referred to: another source goes on here.
  public mutating func breakChain() { chain.breakOff() }

  // MARK: The end

  /// Ends the open unit and appends it.
  /// - Parameters:
  ///   - id: of the unit, if there is one.
  ///   - payload: the unit's NAL units behind four bytes of length each, where ``note(_:)`` was called for them: they are not copied.
  ///     Nil for what was appended.
  /// - Returns: false, and the chain of references is broken, when there is no unit to give out: no slice, no bytes, or too many of them.
  @discardableResult
  public mutating func finish(id: AccessUnitID, payload: ByteBuffer? = nil, into units: inout [AccessUnit]) -> Bool {
    endCutFragment()
    if picture.isKey { applyLateParameters() }
    let isClean = chain.add(picture)
    isOpen = false
    if searchesLeft > 0 { searchesLeft &-= 1 }
    guard picture.hasSlice, let payload = removePayload(payload) else {
      if isOversize || picture.isDamaged { unitsDropped &+= 1 }
      chain.breakOff()
      return false
    }
    var flags: AccessUnit.Flags = picture.isDamaged ? .damaged : []
    if picture.isKey {
      flags.insert(.key)
      if !picture.isDamaged { lastKey = arrival }
    } else if picture.isStart {
      flags.formUnion([.key, .recovery])
    }
    if isClean { flags.insert(.clean) }
    let scale = track.clockRate
    units.append(
      AccessUnit(
        id: id, track: track.index, pts: MediaTime(value: presentation, timescale: scale),
        dts: decode.map { MediaTime(value: $0, timescale: scale) }, firstArrival: firstArrival, arrival: arrival,
        generation: track.generation, flags: flags, payload: payload))
    return true
  }

  /// Leaves out the open unit, which nobody can decode yet.
  public mutating func drop() {
    guard isOpen else { return }
    isOpen = false
    unitsDropped &+= 1
    chain.breakOff()
  }

  /// Nil when there are no bytes.
  private mutating func removePayload(_ given: ByteBuffer?) -> ByteBuffer? {
    if let given, bytes.isEmpty, !bytes.isOversize { return given.readableBytes > 0 ? given : nil }
    if let given { bytes.append(prefixed: given) }
    guard !bytes.isEmpty else { return nil }
    return bytes.removePayload(isKey: picture.isKey)
  }
}

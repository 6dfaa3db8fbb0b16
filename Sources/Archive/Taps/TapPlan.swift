internal import Model
internal import NIOCore
internal import Wire

/// Decides which units go into which muxer, without doing it. A muxer lives from a key frame to the next change of parameters or tracks; every
/// unit of its tracks in between goes into it, none is left out, so that blocks can be counted off against units.
struct TapPlan {
  enum Step {
    /// - anywhere: no key frame has come or will come; begin with what there is.
    case start([Track], anywhere: Bool)
    case push([RecordedUnit], session: String)
    case finish
    /// Units that no muxer took: before the first key frame, of a track whose parameters are not known.
    case skipped(units: Int, bytes: Int)
  }

  /// How long pictures may stay away before sound is recorded alone.
  static let pictureless = Nanoseconds.seconds(5)
  /// How long a key frame may stay away before recording begins without one (intra refresh).
  static let keyless = Nanoseconds.seconds(10)

  /// Recovery begins with whatever the committed segments left.
  private let startsAnywhere: Bool
  private var stream: RecordedStream? { didSet { wanted = TapPlan.wanted(stream) } }
  /// The first video and the first audio track whose parameters are known: what a file of ours holds.
  private var wanted: [Track] = []
  /// Announced; its first unit has not come yet.
  private var next: RecordedStream?
  private var tap: [Track]?
  private var idleSince: BootTime?
  private var lastPicture: BootTime?
  private var batch: [RecordedUnit] = []
  private var skipped = (units: 0, bytes: 0)
  private var restartAtKey = false
  private var steps: [Step] = []
  /// Units before this position are decided.
  private(set) var planned: UInt64 = 0

  init(startsAnywhere: Bool = false) { self.startsAnywhere = startsAnywhere }

  var isRecording: Bool { tap != nil }

  /// The steps that these items ask for, in order.
  mutating func steps(for items: [RecordedItem]) -> [Step] {
    for item in items {
      switch item {
      case .described(let description): describe(description)
      case .unit(let unit):
        planned = unit.position &+ 1
        place(unit)
      case .interrupted: break
      case .ended: end()
      }
    }
    flushBatch()
    if skipped.units > 0 {
      steps.append(.skipped(units: skipped.units, bytes: skipped.bytes))
      skipped = (0, 0)
    }
    defer { steps = [] }
    return steps
  }

  /// The muxer is dead: begin another at the next key frame.
  mutating func tapFailed() {
    tap = nil
    batch = []
    restartAtKey = false
    idleSince = nil
  }

  // MARK: Descriptions

  private mutating func describe(_ description: RecordedStream) {
    guard let current = stream else {
      stream = description
      return
    }
    if TapPlan.sameMedia(next ?? current, description) {
      flushBatch()
      if next != nil { next = description } else { stream = description }
    } else if description.session == current.session, tap != nil {
      next = description
    } else {
      finish()
      stream = description
      next = nil
    }
  }

  /// Whether a muxer made for one can go on with the other.
  private static func sameMedia(_ a: RecordedStream, _ b: RecordedStream) -> Bool {
    a.tracks.count == b.tracks.count && zip(a.tracks, b.tracks).allSatisfy { $0.index == $1.index && sameMedia($0, $1) }
  }

  private static func sameMedia(_ a: Track, _ b: Track) -> Bool {
    a.codec == b.codec && a.clockRate == b.clockRate && a.parameters == b.parameters && a.channels == b.channels
  }

  /// Takes up the announced description at the first unit that needs it, or at once when the muxer's own tracks stay as they are.
  private mutating func adoptNext(for unit: AccessUnit) {
    guard let next, let tap else { return }
    let changed = tap.filter { mine in next.track(mine.index).map { !TapPlan.sameMedia($0, mine) } ?? true }
    if let mine = changed.first(where: { $0.index == unit.track }) {
      guard let theirs = next.track(unit.track) else { return }
      guard unit.generation == theirs.generation || unit.generation != mine.generation else { return }
      finish()
    } else if !changed.isEmpty {
      return
    }
    stream = next
    self.next = nil
  }

  // MARK: Units

  private mutating func place(_ unit: RecordedUnit) {
    guard let track = (next ?? stream)?.track(unit.unit.track) else { return skip(unit) }
    if track.codec.isVideo { lastPicture = unit.unit.arrival }
    adoptNext(for: unit.unit)
    if tap != nil, restartAtKey, canStart(unit.unit) { finish() }
    guard let tap else { return placeIdle(unit) }
    if tap.contains(where: { $0.index == unit.unit.track }) { return batch.append(unit) }
    if isUsable(unit.unit.track) { restartAtKey = true }
    skip(unit)
  }

  private mutating func placeIdle(_ unit: RecordedUnit) {
    let now = unit.unit.arrival
    if idleSince == nil { idleSince = now }
    let waited = now - (idleSince ?? now)
    let tracks: [Track]
    let anywhere: Bool
    if canStart(unit.unit) {
      (tracks, anywhere) = (wanted, false)
    } else if unit.unit.track == stream?.keyTrack, startsAnywhere || waited > TapPlan.keyless, isUsable(unit.unit.track) {
      (tracks, anywhere) = (wanted, true)
    } else if unit.unit.track != stream?.keyTrack, now - (lastPicture ?? idleSince ?? now) > TapPlan.pictureless {
      (tracks, anywhere) = (wanted.filter { !$0.codec.isVideo }, false)
    } else {
      return skip(unit)
    }
    guard tracks.contains(where: { $0.index == unit.unit.track }) else { return skip(unit) }
    tap = tracks
    restartAtKey = false
    idleSince = nil
    steps.append(.start(tracks, anywhere: anywhere))
    batch.append(unit)
  }

  /// A key frame, or any unit of a stream without video.
  private func canStart(_ unit: AccessUnit) -> Bool {
    guard isUsable(unit.track) else { return false }
    guard let keyTrack = stream?.keyTrack else { return true }
    return unit.track == keyTrack && unit.isKey
  }

  private func isUsable(_ track: UInt8) -> Bool { wanted.contains { $0.index == track } }

  private static func wanted(_ stream: RecordedStream?) -> [Track] {
    guard let stream else { return [] }
    return [stream.tracks.first { $0.codec.isVideo }, stream.tracks.first { !$0.codec.isVideo }].compactMap { $0 }
      .filter { matroskaCaps(for: $0) != nil }
  }

  // MARK: Steps

  private mutating func finish() {
    flushBatch()
    if tap != nil { steps.append(.finish) }
    tap = nil
    restartAtKey = false
    idleSince = nil
  }

  private mutating func end() {
    finish()
    lastPicture = nil
    if let next { stream = next }
    next = nil
  }

  private mutating func flushBatch() {
    guard !batch.isEmpty else { return }
    steps.append(.push(batch, session: stream?.session ?? ""))
    batch = []
  }

  private mutating func skip(_ unit: RecordedUnit) {
    skipped.units += 1
    skipped.bytes += unit.unit.payload.readableBytes
  }
}

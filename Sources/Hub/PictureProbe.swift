public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import Wire

/// Watches one stream until a picture counts: the first complete, visible key unit received after a given instant (measurement.md §4.3),
/// then a second, different one within five seconds. County and province use the same probe. Where no key units come, it is the picture that a recovery point
/// names, decoded from that point on; what came before the point counts for nothing.
///
/// `@unchecked Sendable`: the reader's part is touched on ``loop`` only; what the decode task shares is behind `lock`.
public final class PictureProbe: StreamReader, @unchecked Sendable {
  /// What a probe reports of one key unit.
  public enum Sighting: Sendable {
    /// The first picture that counts; `decoded` is when its result was back in the relay.
    case first(unit: AccessUnit, picture: DecodedPicture, decoded: BootTime)
    /// A different picture of the same stream within five seconds of the first.
    case second(unit: AccessUnit, picture: DecodedPicture, decoded: BootTime)
    /// A key unit that does not count; reasons as `picture.refused` names them.
    case refused(unit: AccessUnit, reason: String)
  }

  /// Which units may count.
  public struct Condition: Sendable {
    /// The first packet must not have come before this.
    public var receivedFrom: BootTime
    /// Units that another node numbered: at least this number when the epoch is the same. Nil accepts any.
    public var numberedFrom: (epoch: UInt64, number: UInt64)?

    /// `numberedFrom` is for units that another node numbered.
    public init(receivedFrom: BootTime, numberedFrom: (epoch: UInt64, number: UInt64)? = nil) {
      self.receivedFrom = receivedFrom
      self.numberedFrom = numberedFrom
    }

    /// Nil when the unit may count, else why not.
    public func refusal(of unit: AccessUnit) -> String? {
      if unit.flags.contains(.backfill) { return "backfilled" }
      if unit.firstArrival < receivedFrom { return "beforeReceived" }
      if let from = numberedFrom, unit.id.epoch < from.epoch || (unit.id.epoch == from.epoch && unit.id.number < from.number) {
        return "beforeReceived"
      }
      return unit.flags.contains(.damaged) ? "damaged" : nil
    }
  }

  private enum Progress {
    case searching
    case found(vclSHA256: String, decoded: BootTime)
    case done
  }

  private struct Shared {
    var progress = Progress.searching
    var decoding = false
    var subscription: Subscription?
    var cancelled = false
  }

  /// As its maker chose; the stream's costs nothing to hand over.
  public let loop: any EventLoop
  private let clock: any NodeClock
  private let decoder: any PictureDecoder
  private let condition: Condition
  private let report: @Sendable (Sighting) -> Void
  private let shared = NIOLockedValueBox(Shared())
  private var tracks: [Track] = []
  private var lastKeyUnit: BootTime?
  /// Units since a recovery point, on their way to a right picture; nil while there is none, or key units come.
  private var run: (units: [AccessUnit], state: RecoveryRun, bytes: Int)?
  private static let mostRunUnits = 600
  private static let mostRunBytes = 16 << 20

  /// Whoever sends a key frame less often is asked for one while a picture is wanted.
  private static let patience = Nanoseconds.seconds(2)

  /// Begins to watch. `report` is called from any thread, `first` at most once.
  public static func start(
    on name: StreamName, of hub: Hub, loop: any EventLoop, decoder: any PictureDecoder, condition: Condition,
    report: @escaping @Sendable (Sighting) -> Void
  ) -> PictureProbe {
    let probe = PictureProbe(loop: loop, clock: hub.clock, decoder: decoder, condition: condition, report: report)
    hub.subscribe(probe, to: name, form: .units).whenSuccess { probe.hold($0) }
    return probe
  }

  private init(
    loop: any EventLoop, clock: any NodeClock, decoder: any PictureDecoder, condition: Condition,
    report: @escaping @Sendable (Sighting) -> Void
  ) {
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.condition = condition
    self.report = report
  }

  private func hold(_ subscription: Subscription) {
    let keep = shared.withLockedValue { state in
      if state.cancelled { return false }
      state.subscription = subscription
      return true
    }
    guard keep else { return subscription.cancel() }
    loop.execute { [self] in
      let wait = TimeAmount.nanoseconds(PictureProbe.patience.value)
      loop.scheduleRepeatedTask(initialDelay: wait, delay: wait) { [weak self] task in
        guard let self, !self.isDone else { return task.cancel() }
        if self.lastKeyUnit.map({ self.clock.bootTime() - $0 >= PictureProbe.patience }) ?? true { self.requestKeyframe() }
      }
    }
  }

  private var isDone: Bool {
    shared.withLockedValue { state in
      if case .done = state.progress { true } else { false }
    }
  }

  /// Stops watching; a decode under way is not reported.
  public func cancel() {
    let subscription = shared.withLockedValue { state in
      state.cancelled = true
      state.progress = .done
      defer { state.subscription = nil }
      return state.subscription
    }
    subscription?.cancel()
  }

  /// Asks the sender for a key frame: the newest was damaged or too old, or none comes.
  public func requestKeyframe() { shared.withLockedValue { $0.subscription }?.requestKeyframe() }

  // MARK: StreamReader

  /// From the hub.
  public func streamStarted(_ description: StreamDescription) { tracks = description.tracks }
  /// Nothing: the publisher may return.
  public func streamInterrupted(at: BootTime) {}
  /// Nothing: the next publication is probed too.
  public func streamEnded(_ reason: Fault) {}

  /// From the hub: decodes key units, one at a time.
  public func receive(_ delivery: Delivery) {
    for unit in delivery.units where unit.isKey || run != nil {
      guard let track = tracks.first(where: { $0.index == unit.track }), track.codec.isVideo else { continue }
      if !unit.isKey || (run != nil && unit.flags.contains(.recovery)) {
        goOn(with: unit, track)
        continue
      }
      run = nil
      if !unit.flags.contains(.recovery) { lastKeyUnit = unit.arrival }
      if let reason = condition.refusal(of: unit) {
        report(.refused(unit: unit, reason: reason))
        // A group of pictures may last for ten seconds: who was on the air before sends its next key frame now.
        if reason == "damaged" || reason == "beforeReceived" { requestKeyframe() }
        continue
      }
      if unit.flags.contains(.recovery) { beginRun(unit, track) } else { decodeIfIdle([unit], track) }
    }
  }

  // MARK: Without key units

  /// A recovery point alone gives no whole picture: what follows is kept until one is right.
  private func beginRun(_ unit: AccessUnit, _ track: Track) {
    guard let state = RecoveryRun(start: unit, codec: track.codec) else { return }
    run = ([unit], state, unit.payload.readableBytes)
    endRunIfRight(track)
  }

  private func goOn(with unit: AccessUnit, _ track: Track) {
    guard run?.units.first?.track == unit.track else { return }
    run?.units.append(unit)
    run?.state.add(unit)
    run?.bytes &+= unit.payload.readableBytes
    let isTooLong = (run?.bytes ?? 0) > PictureProbe.mostRunBytes || (run?.units.count ?? 0) > PictureProbe.mostRunUnits
    if isTooLong || unit.flags.contains(.damaged) || unit.flags.contains(.discontinuity) { run = nil } else { endRunIfRight(track) }
  }

  private func endRunIfRight(_ track: Track) {
    guard let whole = run, whole.state.isRight else { return }
    run = nil
    decodeIfIdle(whole.units, track)
  }

  // MARK: Decoding

  private func decodeIfIdle(_ units: [AccessUnit], _ track: Track) {
    let begin = shared.withLockedValue { state in
      if case .done = state.progress { return false }
      guard !state.decoding else { return false }
      state.decoding = true
      return true
    }
    if begin, let last = units.last { decode(units, last, track) }
  }

  private func decode(_ units: [AccessUnit], _ unit: AccessUnit, _ track: Track) {
    Task {
      do {
        let picture = try await units.count == 1 ? decoder.decode(unit, of: track) : decoder.decode(run: units, of: track)
        settle(unit, picture, at: clock.bootTime())
      } catch let fault as Fault where fault.code != .decodeFailed {
        // The worker's trouble, not the picture's: the next key unit is tried.
        shared.withLockedValue { $0.decoding = false }
      } catch {
        shared.withLockedValue { $0.decoding = false }
        report(.refused(unit: unit, reason: "undecodable"))
        requestKeyframe()
      }
    }
  }

  private func settle(_ unit: AccessUnit, _ picture: DecodedPicture, at now: BootTime) {
    let sighting: Sighting? = shared.withLockedValue { state in
      state.decoding = false
      switch state.progress {
      case .done: return nil
      case .searching:
        guard picture.visible else { return .refused(unit: unit, reason: "black") }
        state.progress = .found(vclSHA256: picture.vclSHA256, decoded: now)
        return .first(unit: unit, picture: picture, decoded: now)
      case .found(let vclSHA256, let first):
        if now - first > .seconds(5) {
          state.progress = .done
          return nil
        }
        guard picture.vclSHA256 != vclSHA256 else { return nil }
        state.progress = .done
        return .second(unit: unit, picture: picture, decoded: now)
      }
    }
    if let sighting { report(sighting) }
    if isDone { cancel() }
  }
}

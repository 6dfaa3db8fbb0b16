internal import Model

/// The exchange of timestamps with one upper node, decided without I/O: what was asked, what the answers bound, the newest beacon.
struct ClockExchange {
  /// A beacon older than this proves too little to be embedded in E1.
  private static let beaconLifetime = Nanoseconds.seconds(10)
  /// Between two facts of the offset's interval.
  private static let recordEvery = Nanoseconds.seconds(60)
  /// Questions that may wait for their answers.
  private static let mostAsked = 16

  private var offset = OffsetEstimator()
  /// The boot of the node that ``offset`` is to; kept over a lost link, which changes no clock.
  private var peerBoot: String?
  private var beacon: (beacon: Beacon, arrival: BootTime)?
  /// t1 of questions that were not answered yet.
  private var asked: [Int64] = []
  private var recordedAt: BootTime?

  /// The newest round trip without the upper node's own time; nil before the first answer.
  var roundTrip: Nanoseconds? { offset.roundTrip }

  /// The link stands: another boot of the upper node has another clock.
  mutating func linked(to boot: String) {
    recordedAt = nil
    guard peerBoot != boot else { return }
    offset = OffsetEstimator()
    peerBoot = boot
  }

  /// The link is lost: answers that were on their way will not come, and the beacon no longer shows that the way is open.
  mutating func lost() {
    beacon = nil
    asked = []
  }

  mutating func received(_ beacon: Beacon, at arrival: BootTime) { self.beacon = (beacon, arrival) }

  /// The newest beacon, for E1 to embed; nil while there is none or it is older than ten seconds.
  func newestBeacon(at now: BootTime) -> (beacon: Beacon, arrival: BootTime)? {
    beacon.flatMap { now - $0.arrival <= ClockExchange.beaconLifetime ? $0 : nil }
  }

  /// The next question. t1 is remembered, so that no answer to a question that was never asked moves the bounds.
  mutating func ask(at now: BootTime) -> LinkMessage {
    asked.append(now.nanoseconds)
    if asked.count > ClockExchange.mostAsked { asked.removeFirst() }
    return .timeRequest(
      t1: now.nanoseconds, beacon: beacon.map { ReceivedBeacon(sentNs: $0.beacon.nanoseconds, arrivalNs: $0.arrival.nanoseconds) })
  }

  /// An answer: `t1` as it was asked, `t2` and `t3` on the upper node's clock, `t4` its arrival.
  /// - Returns: what it did to the bounds; nil when the question was never asked.
  mutating func answered(t1: Int64, t2: Int64, t3: Int64, at t4: BootTime) -> OffsetEstimator.Outcome? {
    guard let index = asked.firstIndex(of: t1) else { return nil }
    asked.removeSubrange(...index)
    let outcome = offset.add(t1: BootTime(nanoseconds: t1), t2: t2, t3: t3, t4: t4)
    if outcome != .agreed { recordedAt = nil }
    return outcome
  }

  func interval(at now: BootTime) -> OffsetEstimator.Interval? { offset.interval(at: now) }

  /// Where the upper node's boot clock lies against ours; nil while no exchange bounds it.
  func peerOffset(at now: BootTime) -> PeerOffset? {
    guard let peerBoot, let interval = offset.interval(at: now) else { return nil }
    return PeerOffset(peerBoot: peerBoot, low: interval.low, high: interval.high)
  }

  /// The interval and the upper node's boot when a fact of them is due: once a minute, and at once after a step.
  mutating func due(at now: BootTime) -> (interval: OffsetEstimator.Interval, peerBoot: String?)? {
    if let recordedAt, now - recordedAt < ClockExchange.recordEvery { return nil }
    guard let interval = offset.interval(at: now) else { return nil }
    recordedAt = now
    return (interval, peerBoot)
  }
}

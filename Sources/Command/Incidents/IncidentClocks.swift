public import Journal
internal import Measure
public import Model

/// The clocks of open incidents, which never stop: warnings at 20 and 25 minutes, `missed` at 30, and the bridge over a reboot of this node.
public actor IncidentClocks: FactConsumer {
  private struct Running {
    var opened: Fact
    var beacons: [OpenedBeacon]
    var warned: Set<Int64> = []
    var isMissed = false
    /// Uplinks whose clock bridges the incident in this boot.
    var bridged: Set<String> = []
  }

  /// What begins and ends a clock, and what was written by it.
  public nonisolated let kinds: Set<String> = [
    FactKind.incidentOpened, FactKind.incidentClosed, FactKind.incidentWarning, FactKind.incidentMissed, FactKind.clockBridge,
  ]
  private let index: IncidentIndex
  private let policy: Policy
  private let upper: UpperTier
  private let boot: String
  private var running: [String: Running] = [:]

  /// - Parameter boot: the node's present boot id.
  init(_ index: IncidentIndex, policy: Policy, upper: UpperTier, boot: String) {
    self.index = index
    self.policy = policy
    self.upper = upper
    self.boot = boot
  }

  /// Clocks of the open incidents go on where they stood, and no warning comes twice. After the index.
  public func recover(_ past: FactHistory) async throws(Fault) {
    for id in await index.open.keys.sorted() {
      let own = try await past.all(FactQuery(kinds: kinds.sorted(), incident: id, limit: FactQuery.largestPage))
      for fact in own { note(fact) }
    }
  }

  /// Begins and ends clocks.
  public func apply(_ fact: Fact) async { note(fact) }

  private func note(_ fact: Fact) {
    guard let id = fact.incident else { return }
    switch fact.kind {
    case FactKind.incidentOpened:
      guard let opened = IncidentOpenedFact(fact), running[id] == nil else { return }
      running[id] = Running(opened: fact, beacons: opened.beacons)
    case FactKind.incidentClosed: running[id] = nil
    case FactKind.incidentWarning: if let warning = IncidentWarningFact(fact) { running[id]?.warned.insert(warning.minutes) }
    case FactKind.incidentMissed: running[id]?.isMissed = true
    case FactKind.clockBridge:
      if fact.boot == boot, let bridge = ClockBridgeFact(fact) { running[id]?.bridged.insert(bridge.uplink) }
    default: break
    }
  }

  /// Writes what is due.
  public func tick(at now: BootTime) async {
    await bridge(at: now)
    for (id, one) in running {
      guard let elapsed = elapsed(one, at: now), await isWanted(id) else { continue }
      let due = policy.due(after: elapsed)
      for minutes in due.warnings where running[id]?.warned.insert(minutes).inserted == true {
        await index.commitOrRecord(IncidentWarningFact(incident: id, minutes: minutes))
      }
      if due.isMissed, running[id]?.isMissed == false {
        running[id]?.isMissed = true
        await index.commitOrRecord(IncidentMissedFact(incident: id, limit: Nanoseconds(policy.limitNs)))
      }
    }
  }

  /// Whether a picture is still wanted: not after a proven one, nor once it is closed.
  private func isWanted(_ id: String) async -> Bool {
    guard let figures = try? await index.figures(of: id) else { return true }
    return !figures.isClosed && (figures.province == nil || figures.verdict != .pass)
  }

  /// Since t1. Of an incident from before a reboot it is the most that it can be, by the clock of the upper node, which went on since the beacon in E1:
  /// good for a warning, and no figure.
  private func elapsed(_ one: Running, at now: BootTime) -> Nanoseconds? {
    if one.opened.boot == boot { return now - one.opened.bootTime }
    for known in upper.offsets() {
      let beacon = one.beacons.first { $0.uplink == known.uplink && $0.boot == known.offset.peerBoot }
      guard let sent = beacon?.sent else { continue }
      return Nanoseconds(now.nanoseconds &+ known.offset.high &- sent.nanoseconds)
    }
    return nil
  }

  /// Incidents of an earlier boot: records once a boot and uplink where the upper node's clock lies, for that clock went on while ours began anew.
  private func bridge(at now: BootTime) async {
    let earlier = running.filter { $0.value.opened.boot != boot }
    guard !earlier.isEmpty else { return }
    for known in upper.offsets() {
      for id in earlier.keys where running[id]?.bridged.insert(known.uplink).inserted == true {
        await index.commitOrRecord(ClockBridgeFact(incident: id, uplink: known.uplink, offset: known.offset), at: now)
      }
    }
  }
}

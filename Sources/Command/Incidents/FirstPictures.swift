internal import Evidence
internal import Hub
public import Journal
internal import Logging
internal import Measure
public import Model
internal import NIOCore

/// Looks for the first picture of every device of the open incidents (t5, t5k, t6), and keeps the evidence of it.
public actor FirstPictures: FactConsumer {
  private struct Running {
    var probes: [PictureProbe] = []
    var watches: [StreamWatch] = []
  }

  /// What was refused before a restart, and what ends an incident.
  public nonisolated let kinds: Set<String> = [FactKind.pictureRefused, FactKind.incidentClosed]
  private let environment: DeskEnvironment
  private let index: IncidentIndex
  private var running: [String: Running] = [:]
  /// Reasons that are in the journal, by incident and device.
  private var refused: [String: [String: Set<String>]] = [:]

  init(_ environment: DeskEnvironment, _ index: IncidentIndex) {
    self.environment = environment
    self.index = index
  }

  // MARK: FactConsumer

  /// Reasons that are in the journal already, of the open incidents. After the index.
  public func recover(_ past: FactHistory) async throws(Fault) {
    for id in await index.open.keys.sorted() {
      let own = try await past.all(FactQuery(kinds: [FactKind.pictureRefused], incident: id, limit: FactQuery.largestPage))
      for refusal in own.compactMap({ PictureRefusedFact($0) }) {
        guard let device = refusal.subject.device, let reason = refusal.reason else { continue }
        refused[id, default: [:]][device, default: []].insert(reason)
      }
    }
  }

  /// Ends the probes of a closed incident.
  public func apply(_ fact: Fact) async { if fact.kind == FactKind.incidentClosed, let id = fact.incident { end(id) } }

  // MARK: Incidents

  /// Begins to look for an incident's pictures.
  /// - Returns: from which unit on each stream counts: what it received before this moment may be from before t1.
  func begin(_ opened: Fact, _ devices: [RegisteredDevice]) async -> [UpperTier.Floor] {
    guard let id = opened.incident, running[id] == nil else { return [] }
    running[id] = Running()
    var floors: [UpperTier.Floor] = []
    for (place, device) in devices.enumerated() {
      let snapshot = try? await environment.hub.snapshot(of: device.stream)
      let newest = snapshot?.newestUnit
      floors.append(UpperTier.Floor(stream: device.stream, epoch: newest?.epoch ?? 0, number: newest.map { $0.number &+ 1 } ?? 0))
      await look(for: device, at: place, of: opened, id, isLive: snapshot?.condition.isPublished == true)
    }
    return floors
  }

  /// Looks no more; a decode under way is not recorded.
  func end(_ id: String) {
    refused[id] = nil
    guard let one = running.removeValue(forKey: id) else { return }
    for probe in one.probes { probe.cancel() }
    for watch in one.watches { watch.end() }
  }

  private func look(for device: RegisteredDevice, at place: Int, of opened: Fact, _ id: String, isLive: Bool) async {
    // After a reboot every frame is later than t1.
    let from = opened.boot == environment.hub.clock.bootID ? opened.bootTime : BootTime(nanoseconds: 0)
    let figures = try? await index.figures(of: id)
    guard running[id] != nil else { return }
    if figures?.step(.t6, device: device.name) == nil {
      let evidence = PictureEvidence(
        PictureWish(incident: id, device: device.name, stream: device.stream, node: environment.hub.node, index: place),
        dataFolder: environment.dataFolder, known: refused[id]?[device.name] ?? [])
      let probe = PictureProbe.start(
        on: device.stream, of: environment.hub, loop: environment.loop, decoder: environment.decoder,
        condition: PictureProbe.Condition(receivedFrom: from)
      ) { [weak self] sighting in Task { await self?.keep(sighting, evidence, id) } }
      running[id]?.probes.append(probe)
    }
    guard isLive, figures?.step(.t5k, device: device.name) == nil else { return }
    running[id]?.watches.append(watch(device.stream, from: from, incident: id))
  }

  /// The first packet and key frame after t1 of a stream that was live before it.
  private func watch(_ stream: StreamName, from: BootTime, incident: String) -> StreamWatch {
    let facts = environment.hub.facts
    let watch = StreamWatch(loop: environment.loop, from: from) { first, unit in
      let session = "\(unit.id.origin.node)-\(unit.id.epoch)"
      switch first {
      case .packet:
        facts.record(
          StreamFirstPacketFact(stream: stream, session: session, incident: incident, unit: unit.id, firstArrival: unit.firstArrival),
          at: unit.firstArrival)
      case .keyframe:
        facts.record(
          StreamFirstKeyframeFact(stream: stream, session: session, incident: incident, unit: unit.id, firstArrival: unit.firstArrival),
          at: unit.arrival)
      }
    }
    watch.begin(on: stream, of: environment.hub)
    return watch
  }

  private func keep(_ sighting: PictureProbe.Sighting, _ evidence: PictureEvidence, _ id: String) async {
    guard running[id] != nil else { return }
    switch sighting {
    case .first(let unit, let picture, let decoded):
      do { try await evidence.store(picture) } catch {
        environment.logger.error("snapshot not stored", metadata: ["path": "\(evidence.path)", "error": "\(error)"])
      }
      await index.commitOrRecord(evidence.first(unit, picture, decoded: decoded), at: decoded)
    case .second(let unit, let picture, let decoded):
      await index.commitOrRecord(evidence.second(unit, picture, decoded: decoded), at: decoded)
    case .refused(let unit, let reason):
      if let refusal = evidence.refused(unit, reason) { await index.commitOrRecord(refusal, at: unit.arrival) }
    }
  }
}

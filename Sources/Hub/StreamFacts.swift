internal import Measure
internal import Model

/// What one stream's life tells the journal (docs/facts.md).
struct StreamFacts: Sendable {
  let name: StreamName
  let facts: any FactSink

  func started(_ request: PublishRequest, _ publication: Publication, at now: BootTime) {
    facts.record(FactKind.streamStarted, beginning(request, publication), at: now)
  }

  func resumed(_ request: PublishRequest, _ publication: Publication, previousSession: String?, at now: BootTime) {
    var fields = beginning(request, publication)
    fields["previousSession"] = previousSession.map(JSON.string) ?? .null
    facts.record(FactKind.streamResumed, fields, at: now)
  }

  private func beginning(_ request: PublishRequest, _ publication: Publication) -> [String: JSON] {
    [
      "stream": .string(name.path), "session": .string(publication.session), "protocol": .string(request.mediaProtocol.rawValue),
      "hop": .string(request.hop.rawValue), "peer": .string(request.remoteAddress), "key": request.keyName.map(JSON.string) ?? .null,
      "unitOrigin": .string(publication.origin.description), "epoch": .int(Int64(clamping: publication.epoch)),
      "tracks": .array(request.tracks.map { ["index": .int(Int64($0.index)), "codec": .string($0.codec.rawValue)] }),
    ]
  }

  func refused(_ request: PublishRequest, _ code: FaultCode, at now: BootTime) {
    facts.record(
      FactKind.streamRefused,
      [
        "stream": .string(name.path), "protocol": .string(request.mediaProtocol.rawValue), "peer": .string(request.remoteAddress),
        "key": request.keyName.map(JSON.string) ?? .null, "action": "publish", "code": .string(code.rawValue),
        "origin": .string(Fault(code).origin.rawValue),
      ], at: now)
  }

  /// - Parameter gapSince: when the publication before had its last media; the gap ends with this packet.
  func firstPacket(of session: String, gapSince: BootTime?, at arrival: BootTime) {
    facts.record(FactKind.streamFirstPacket, ["stream": .string(name.path), "session": .string(session)], at: arrival)
    guard let gapSince else { return }
    facts.record(
      FactKind.streamGap,
      [
        "stream": .string(name.path), "session": .string(session), "fromNs": .int(gapSince.nanoseconds), "toNs": .int(arrival.nanoseconds),
        "cause": "network",
      ], at: arrival)
  }

  func firstKeyframe(of session: String, _ unit: AccessUnit) {
    facts.record(
      FactKind.streamFirstKeyframe,
      [
        "stream": .string(name.path), "session": .string(session), "unit": .string(unit.id.description),
        "firstArrivalNs": .int(unit.firstArrival.nanoseconds), "damaged": .bool(unit.flags.contains(.damaged)),
      ], at: unit.arrival)
  }

  func interrupted(_ session: String, _ reason: Fault, lastMedia: BootTime, at now: BootTime) {
    facts.record(
      FactKind.streamInterrupted, ending(session, reason).merging(["lastMediaNs": .int(lastMedia.nanoseconds)]) { $1 }, at: now)
  }

  func ended(_ session: String, _ reason: Fault, at now: BootTime) {
    facts.record(FactKind.streamEnded, ending(session, reason), at: now)
  }

  /// - Parameter session: the publication that it read; nil when that is over.
  func readerEnded(_ reader: ReaderSnapshot, of session: String?, at now: BootTime) {
    func nanoseconds(_ milliseconds: Double?) -> JSON { milliseconds.flatMap { Int64(exactly: ($0 * 1e6).rounded()) }.map(JSON.int) ?? .null }
    let sent = reader.outbound
    facts.record(
      FactKind.readerEnded,
      [
        "stream": .string(name.path), "session": session.map(JSON.string) ?? .null, "hop": .string(sent.hop.rawValue),
        "protocol": .string(reader.mediaProtocol.rawValue), "peer": .string(reader.remoteAddress), "key": reader.keyName.map(JSON.string) ?? .null,
        "sinceNs": .int(reader.since.nanoseconds), "method": .string(sent.method.rawValue), "bytesSent": .int(sent.bytesSent),
        "packetsSent": sent.packetsSent.map(JSON.int) ?? .null, "framesSent": .int(sent.framesSent), "framesDropped": .int(sent.framesDropped),
        "dropEpisodes": .int(sent.dropEpisodes), "packetsLost": sent.packetsLost.map(JSON.int) ?? .null,
        "jitterNs": nanoseconds(sent.jitterMilliseconds), "roundTripNs": nanoseconds(sent.roundTripMilliseconds),
        "roundTripMethod": sent.roundTripMethod.map(JSON.string) ?? .null,
      ], at: now)
  }

  private func ending(_ session: String, _ reason: Fault) -> [String: JSON] {
    [
      "stream": .string(name.path), "session": .string(session), "cause": .string(reason.code.rawValue), "detail": .string(reason.detail),
      "origin": .string(reason.origin.rawValue),
    ]
  }
}

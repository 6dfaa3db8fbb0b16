internal import Measure
internal import Model

/// Writes one stream's life into the journal (docs/facts.md).
struct StreamFacts: Sendable {
  let name: StreamName
  let facts: any FactSink

  func started(_ request: PublishRequest, _ publication: Publication, at now: BootTime) {
    facts.record(beginning(request, publication), at: now)
  }

  /// - Parameter previousSession: the publication that this one goes on with; nil where that is not known.
  func resumed(_ request: PublishRequest, _ publication: Publication, previousSession: String?, at now: BootTime) {
    facts.record(beginning(request, publication).resuming(previousSession), at: now)
  }

  private func beginning(_ request: PublishRequest, _ publication: Publication) -> StreamStartedFact {
    StreamStartedFact(
      stream: name, session: publication.session, mediaProtocol: request.mediaProtocol, hop: request.hop, peer: request.remoteAddress,
      key: request.keyName, unitOrigin: publication.origin.description, epoch: publication.epoch,
      tracks: request.tracks.map { StreamTrack(index: Int64($0.index), codec: FactText($0.codec)) })
  }

  func refused(_ request: PublishRequest, _ code: FaultCode, at now: BootTime) {
    facts.record(
      StreamRefusedFact(
        stream: name, mediaProtocol: request.mediaProtocol, peer: request.remoteAddress, key: request.keyName, code: code), at: now)
  }

  /// - Parameter gapSince: when the publication before had its last media; the gap ends with this packet.
  func firstPacket(of session: String, gapSince: BootTime?, at arrival: BootTime) {
    facts.record(StreamFirstPacketFact(stream: name, session: session), at: arrival)
    guard let gapSince else { return }
    facts.record(StreamGapFact(stream: name, session: session, from: gapSince, to: arrival, cause: .network), at: arrival)
  }

  func firstKeyframe(of session: String, _ unit: AccessUnit) {
    facts.record(
      StreamFirstKeyframeFact(
        stream: name, session: session, unit: unit.id, firstArrival: unit.firstArrival, isDamaged: unit.flags.contains(.damaged)),
      at: unit.arrival)
  }

  func interrupted(_ session: String, _ reason: Fault, lastMedia: BootTime, at now: BootTime) {
    facts.record(StreamEndedFact(stream: name, session: session, because: reason, lastMedia: lastMedia), at: now)
  }

  func ended(_ session: String, _ reason: Fault, at now: BootTime) {
    facts.record(StreamEndedFact(stream: name, session: session, because: reason), at: now)
  }

  /// - Parameter session: the publication that it read; nil when that is over.
  func readerEnded(_ reader: ReaderSnapshot, of session: String?, at now: BootTime) {
    func span(_ milliseconds: Double?) -> Nanoseconds? {
      milliseconds.flatMap { Int64(exactly: ($0 * 1e6).rounded()) }.map { Nanoseconds($0) }
    }
    let sent = reader.outbound
    facts.record(
      ReaderEndedFact(
        stream: name, session: session, hop: sent.hop, mediaProtocol: reader.mediaProtocol, peer: reader.remoteAddress, key: reader.keyName,
        since: reader.since, method: sent.method, bytesSent: sent.bytesSent, packetsSent: sent.packetsSent, framesSent: sent.framesSent,
        framesDropped: sent.framesDropped, dropEpisodes: sent.dropEpisodes, packetsLost: sent.packetsLost,
        jitter: span(sent.jitterMilliseconds), roundTrip: span(sent.roundTripMilliseconds), roundTripMethod: sent.roundTripMethod), at: now)
  }
}

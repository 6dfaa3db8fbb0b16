internal import Hub
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A publication's media on its way into the hub, whatever brought it: one post a read.
///
/// `@unchecked Sendable`: it is touched on one thread only, the channel's loop over TCP, the datagram loop over UDP; its maker sees to
/// that.
final class MediaIngress: @unchecked Sendable {
  let publication: Publication
  let measured: MeasuredSession
  /// Our own source id in receiver reports.
  private let ssrc: UInt32
  private let name: String
  private var reception: RTPReception
  private(set) var lastArrival: BootTime?

  /// On the session's own loop.
  init(publication: Publication, plan: IngressPlan, context: RTSPContext, hop: Hop, at now: BootTime) {
    self.publication = publication
    let registered = context.measuring.registeredFrameRateMilli(publication.name)
    let header = SampleHeader(
      node: context.hub.node, boot: context.clock.bootID, stream: publication.name, session: publication.session, hop: hop,
      mediaProtocol: plan.mediaProtocol, roundTripMethod: "tcp-info", epoch: publication.epoch, started: now,
      startedWall: context.clock.wallTime(),
      tracks: plan.tracks.map { SampleTrack($0, registeredFrameRateMilli: $0.codec.isVideo ? registered : nil) })
    measured = MeasuredSession(
      header: header, measuring: context.measuring, receiveBufferErrors: plan.usesDatagrams ? 0 : nil,
      isShared: plan.usesDatagrams || !publication.isOnStreamLoop)
    reception = RTPReception(plan, origin: publication.origin, epoch: publication.epoch)
    ssrc = UInt32.random(in: 1...UInt32.max)
    name = "firstframe@\(context.hub.node)"
  }

  /// Lets a read's packets in, all of them as one access.
  @inline(__always)
  func receive<R>(_ body: (inout RTPReception, inout SessionMeter) -> R) -> R {
    measured.withMeter { meter in body(&reception, &meter) }
  }

  /// Hands over what one read brought: its packets, framed and back to back.
  func post(_ packets: ByteBuffer, arrival: BootTime) {
    lastArrival = arrival
    if reception.parametersChanged { tellParameters(at: arrival) }
    if !reception.reports.isEmpty { tellReports() }
    if !reception.transits.isEmpty {
      for transit in reception.takeTransits() { measured.transit(track: transit.track, sent: transit.sent, arrived: transit.arrived) }
    }
    let (units, keyOffset) = reception.takeBatch(of: packets.readableBytes)
    guard packets.readableBytes > 0 || !units.isEmpty else { return }
    publication.post(MediaBatch(units: units, packets: packets, keyUnitOffset: keyOffset, arrival: arrival))
  }

  private func tellParameters(at now: BootTime) {
    let tracks = reception.takeParameters()
    for track in tracks { measured.format(track, at: now) }
    publication.update(tracks: tracks)
  }

  private func tellReports() {
    for (track, report) in reception.takeReports() {
      publication.senderReport(track: track, wall: report.ntp.wallTime, rtpTimestamp: report.rtpTimestamp)
    }
  }

  var saidGoodbye: Bool { reception.saidGoodbye }

  /// Nothing more will come: posts what was still open, closes the counters.
  func finish(at now: BootTime) {
    receive { reception, meter in reception.flush(&meter) }
    post(ByteBuffer(), arrival: lastArrival ?? now)
    measured.close(at: now)
  }

  // MARK: Reports

  /// Our receiver report about one track with its source description (RFC 3550 §6.1); nil before its first packet.
  func receiverReport(track index: Int, at now: BootTime) -> ByteBuffer? {
    guard index < reception.tracks.count, let counts = measured.reportBlock(track: UInt8(truncatingIfNeeded: index)),
      let block = reception.tracks[index].reportBlock(counts, at: now)
    else { return nil }
    return RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: [block]), description])
  }

  /// Asks the sender for a key frame (RFC 4585 §6.3.1), in a compound of its own.
  func pictureLoss(track index: Int) -> ByteBuffer? {
    guard index < reception.tracks.count, let media = reception.tracks[index].ssrc else { return nil }
    return RTCPPacket.compound([
      .receiverReport(ssrc: ssrc, reports: []), description, .pictureLoss(sender: ssrc, media: media),
    ])
  }

  var goodbye: ByteBuffer {
    RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: []), description, .goodbye(ssrcs: [ssrc], reason: nil)])
  }

  private var description: RTCPPacket { .sourceDescription([RTCPPacket.SourceName(ssrc: ssrc, cname: name)]) }
}

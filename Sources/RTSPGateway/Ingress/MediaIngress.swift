internal import Hub
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A publication's media from packets to the hub, whatever brought them: counts, assembles, finds key units, posts once a read.
///
/// `@unchecked Sendable`: it is touched on one thread only, the channel's loop over TCP, the datagram loop over UDP; its maker sees to
/// that.
final class MediaIngress: @unchecked Sendable {
  let publication: Publication
  let measured: MeasuredSession
  /// Our own source id in receiver reports.
  let ssrc: UInt32
  private let name: String
  private var tracks: [RTPIntake]
  private let keyTrack: Int?
  private let trustsUnitIDs: Bool
  private var numbering: UInt64 = 0
  private var units: [AccessUnit] = []
  private var parametersChanged = false
  /// Bytes of packets posted so far, and where in all of them the newest key unit begins, when that is news.
  private var posted: Int64 = 0
  private var keyStart: Int64?
  private(set) var lastArrival: BootTime?
  /// Set when the publisher said goodbye in RTCP.
  private(set) var saidGoodbye = false

  init(publication: Publication, plan: IngressPlan, context: RTSPContext, hop: Hop, at now: BootTime) {
    self.publication = publication
    let registered = context.measuring.registeredFrameRateMilli(publication.name)
    let header = SampleHeader(
      node: context.hub.node, boot: context.clock.bootID, stream: publication.name, session: publication.session, hop: hop,
      mediaProtocol: plan.mediaProtocol, roundTripMethod: "tcp-info", epoch: publication.epoch, started: now,
      startedWall: context.clock.wallTime(),
      tracks: plan.tracks.map { SampleTrack($0, registeredFrameRateMilli: $0.codec.isVideo ? registered : nil) })
    measured = MeasuredSession(
      header: header, measuring: context.measuring, receiveBufferErrors: plan.usesDatagrams ? 0 : nil, isShared: plan.usesDatagrams)
    ssrc = UInt32.random(in: 1...UInt32.max)
    name = "firstframe@\(context.hub.node)"
    keyTrack = plan.tracks.firstIndex { $0.codec.isVideo }
    trustsUnitIDs = plan.trustsUnitIDs
    let audioOnly = keyTrack == nil
    tracks = zip(plan.tracks, plan.payloads).map { track, payload in
      RTPIntake(
        assembler: RTPUnitAssembler(
          track: track, format: payload.format, origin: publication.origin, epoch: publication.epoch, reorder: plan.usesDatagrams,
          audioIsKey: audioOnly),
        payloadType: payload.payloadType, unitIDExtension: payload.unitIDExtension)
    }
  }

  // MARK: Packets

  /// Takes one RTP packet. `offset` is where its frame will stand in the bytes of this read's ``post(_:arrival:)``.
  /// - Returns: whether it belongs to the stream and is to be forwarded.
  func rtp(_ packet: UnsafeRawBufferPointer, track index: Int, at offset: Int, arrival: BootTime) -> Bool {
    guard index < tracks.count, let header = RTPHeader(packet) else { return false }
    let track = UInt8(truncatingIfNeeded: index)
    if tracks[index].changesSource(to: header.ssrc) { measured.restart(track: track) }
    measured.packet(
      track: track, sequenceNumber: header.sequenceNumber, timestamp: header.timestamp, arrival: arrival, bytes: packet.count)
    guard header.payloadType == tracks[index].payloadType else { return false }
    var id: (epoch: UInt64, number: UInt64)?
    if trustsUnitIDs, header.hasExtension, let extensionID = tracks[index].unitIDExtension,
      let told = UnitIDExtension(id: extensionID, packet: packet, header: header)
    {
      id = (told.epoch, told.number)
    }
    let before = units.count
    let role = tracks[index].assembler.receive(
      header, packet: packet, arrival: arrival, numbering: &numbering, unitID: id, into: &units)
    tracks[index].countPacket(role, units: units.count &- before)
    if units.count > before { completed(from: before) }
    if role.contains(.startsUnit) {
      tracks[index].unitStart = posted &+ Int64(offset)
      tracks[index].keyTold = false
    }
    if role.contains(.key), index == keyTrack, !tracks[index].keyTold {
      tracks[index].keyTold = true
      keyStart = tracks[index].unitStart
    }
    if role.contains(.parametersChanged) { parametersChanged = true }
    return true
  }

  /// The packet that was taken last stands at another place of this read's bytes: before those that came first but belong behind it.
  func moved(from end: Int, to place: Int, by length: Int, track moved: Int) {
    guard place < end else { return }
    let (from, to) = (posted &+ Int64(end), posted &+ Int64(place))
    for index in tracks.indices {
      if index == moved, tracks[index].unitStart == from {
        tracks[index].unitStart = to
      } else if tracks[index].unitStart > to || (index != moved && tracks[index].unitStart == to) {
        tracks[index].unitStart &+= Int64(length)
      }
    }
    if let start = keyStart { keyStart = start == from ? to : start > to ? start &+ Int64(length) : start }
  }

  /// Takes one RTCP compound.
  func rtcp(_ packet: UnsafeRawBufferPointer, track index: Int, arrival: BootTime) {
    guard index < tracks.count else { return }
    for part in RTCPPacket.parseCompound(packet) {
      switch part {
      case .senderReport(let report):
        tracks[index].note(report, arrival: arrival)
        if !report.ntp.isUnknown {
          publication.senderReport(track: UInt8(truncatingIfNeeded: index), wall: report.ntp.wallTime, rtpTimestamp: report.rtpTimestamp)
        }
      case .goodbye: saidGoodbye = true
      default: break
      }
    }
    lastArrival = arrival
  }

  // MARK: Batches

  /// Hands over what one read brought: its packets, framed and back to back.
  func post(_ packets: ByteBuffer, arrival: BootTime) {
    lastArrival = arrival
    if parametersChanged { tellParameters(at: arrival) }
    guard packets.readableBytes > 0 || !units.isEmpty else { return }
    let offset = keyStart.map { Int(truncatingIfNeeded: $0 &- posted) }
    keyStart = nil
    posted &+= Int64(packets.readableBytes)
    let completed = units
    units = []
    publication.post(MediaBatch(units: completed, packets: packets, keyUnitOffset: offset, arrival: arrival))
  }

  /// Units that a packet has just completed get their capture time and are measured.
  private func completed(from first: Int) {
    for at in first..<units.count {
      let track = Int(units[at].track)
      guard track < tracks.count else { continue }
      units[at].capture = tracks[track].capture(timestamp: UInt32(truncatingIfNeeded: units[at].pts.value))
      measured.unit(units[at], packets: tracks[track].takePacketCount())
    }
  }

  private func tellParameters(at now: BootTime) {
    parametersChanged = false
    let current = tracks.map(\.assembler.track)
    for track in current { measured.format(track, at: now) }
    publication.update(tracks: current)
  }

  /// Nothing more will come: posts what was still open, closes the counters.
  func finish(at now: BootTime) {
    let before = units.count
    for index in tracks.indices { tracks[index].assembler.flush(numbering: &numbering, into: &units) }
    completed(from: before)
    post(ByteBuffer(), arrival: lastArrival ?? now)
    measured.close(at: now)
  }

  // MARK: Reports

  /// Our receiver report about one track with its source description (RFC 3550 §6.1); nil before its first packet.
  func receiverReport(track index: Int, at now: BootTime) -> ByteBuffer? {
    guard index < tracks.count, let counts = measured.reportBlock(track: UInt8(truncatingIfNeeded: index)),
      let block = tracks[index].reportBlock(counts, at: now)
    else { return nil }
    return RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: [block]), description])
  }

  /// Asks the sender for a key frame (RFC 4585 §6.3.1), in a compound of its own.
  func pictureLoss(track index: Int) -> ByteBuffer? {
    guard index < tracks.count, let media = tracks[index].ssrc else { return nil }
    return RTCPPacket.compound([
      .receiverReport(ssrc: ssrc, reports: []), description, .pictureLoss(sender: ssrc, media: media),
    ])
  }

  var goodbye: ByteBuffer {
    RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: []), description, .goodbye(ssrcs: [ssrc], reason: nil)])
  }

  var trackCount: Int { tracks.count }

  private var description: RTCPPacket { .sourceDescription([RTCPPacket.SourceName(ssrc: ssrc, cname: name)]) }
}

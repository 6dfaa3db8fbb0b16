internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A stream's units on their way into one RTSP connection: packetised, gated, with sender reports.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class UnitEgress: @unchecked Sendable {
  private let wire: RTSPWire
  private let context: RTSPContext
  private let name: StreamName
  private let beforeKeyUnit: (@Sendable (AccessUnit, BootTime) -> Void)?
  private let keyTrack: UInt8?
  private var packetizers: [RTPPacketizer]
  private var channels: [RTSPTransport.Channels?]
  /// Of the tracks that go by UDP; framed on their canonical channels first, so that one packetiser serves both ways.
  private var senders: [DatagramSender?]
  private let usesDatagrams: Bool
  private var roundTripIn = 1
  private var gate: UnitGate
  private var meter: OutboundMeter
  private var sent: [SentTrack]
  private var nextReport: BootTime
  private var warnedDrops: UInt64 = 0
  private let cname: String

  init(
    description: StreamDescription, media: RTSPEstablished, connection: RTSPClientConnection, context: RTSPContext,
    beforeKeyUnit: (@Sendable (AccessUnit, BootTime) -> Void)?, at now: BootTime
  ) {
    wire = connection.wire
    self.context = context
    self.beforeKeyUnit = beforeKeyUnit
    name = description.name
    keyTrack = description.tracks.first { $0.codec.isVideo }?.index
    packetizers = zip(description.tracks, media.tracks).map { track, told in
      RTPPacketizer(
        track: track, payloadType: told.payload.payloadType, ssrc: UInt32.random(in: 1...UInt32.max),
        sequenceNumber: UInt16.random(in: 0...0x7FFF), timestampOffset: UInt32.random(in: 0...0x7FFF_FFFF),
        unitIDExtension: told.payload.unitIDExtension, sentTimeExtension: told.payload.sentTimeExtension)
    }
    channels = description.tracks.map { track in
      let setUp = media.setUps.first { $0.track == track.index }
      if case .interleaved(let pair) = setUp?.path { return pair } else { return nil }
    }
    senders = description.tracks.map { track in connection.sender(media.setUps.first { $0.track == track.index }) }
    gate = UnitGate(keyTrack: keyTrack)
    usesDatagrams = senders.contains { $0 != nil }
    let isToNode = media.tracks.contains { $0.payload.unitIDExtension != nil }
    meter = OutboundMeter(method: usesDatagrams ? .rtp : .tcp, hop: isToNode ? .centre : .viewer, session: description.session)
    sent = packetizers.map { SentTrack(clockRate: $0.clockRate) }
    nextReport = now
    cname = "firstframe@\(context.hub.node)"
  }

  var quality: OutboundQuality { meter.quality }

  /// Parameters changed: key units carry them from now on.
  func update(_ tracks: [Track]) {
    for (index, track) in tracks.enumerated() where index < packetizers.count { packetizers[index].track = track }
  }

  /// One write a delivery, but for key units, before each of which the clock is read.
  func send(_ delivery: Delivery) {
    var buffer = ByteBuffer()
    var (frames, packets) = (0, 0)
    for unit in delivery.units {
      let index = Int(unit.track)
      guard index < packetizers.count, let channel = rtpChannel(index) else { continue }
      guard gate.admits(unit, hasRoom: delivery.cached || wire.isWritable) else {
        meter.dropped(frames: 1)
        continue
      }
      var leaves: BootTime?
      if unit.isKey, unit.track == keyTrack {
        flush(&buffer, frames: frames, packets: packets)
        (frames, packets) = (0, 0)
        let now = context.clock.bootTime()
        beforeKeyUnit?(unit, now)
        leaves = now
      }
      let start = buffer.writerIndex
      packetizers[index].packetize(unit, channel: channel, sent: leaves, into: &buffer)
      packets += count(buffer, from: start, unit)
      frames += 1
    }
    flush(&buffer, frames: frames, packets: packets)
    if delivery.arrival >= nextReport { sendReports(at: context.clock.bootTime()) }
  }

  private func flush(_ buffer: inout ByteBuffer, frames: Int, packets: Int) {
    guard buffer.readableBytes > 0 else { return }
    meter.sent(bytes: buffer.readableBytes, packets: packets, frames: frames)
    if usesDatagrams {
      for index in senders.indices { senders[index]?.send(framed: buffer, channel: UInt8(truncatingIfNeeded: 2 * index)) }
    } else {
      wire.send(buffer)
    }
    buffer = ByteBuffer()
  }

  private func rtpChannel(_ index: Int) -> UInt8? {
    senders[index] == nil ? channels[index]?.rtp : UInt8(truncatingIfNeeded: 2 * index)
  }

  /// - Returns: packets of the unit.
  private func count(_ buffer: ByteBuffer, from start: Int, _ unit: AccessUnit) -> Int {
    let index = Int(unit.track)
    var packets = 0
    buffer.withUnsafeReadableBytes { bytes in
      let own = UnsafeRawBufferPointer(rebasing: bytes[(start - buffer.readerIndex)...])
      var at = 0
      while case .frame(_, let length) = InterleavedFraming.find(at: at, in: own) {
        let from = at &+ InterleavedFraming.headerLength
        sent[index].count(UnsafeRawBufferPointer(rebasing: own[from..<from &+ length]), arrival: unit.arrival)
        at = from &+ length
        packets += 1
      }
    }
    if let capture = unit.capture {
      sent[index].learn(wall: capture.wall, timestamp: packetizers[index].timestamp(of: unit.pts), at: unit.arrival)
    }
    return packets
  }

  // MARK: RTCP

  func rtcp(_ packet: UnsafeRawBufferPointer, channel: UInt8, at now: BootTime) {
    guard let index = channels.firstIndex(where: { $0?.rtcp == channel }) else { return }
    for case .receiverReport(_, let blocks) in RTCPPacket.parseCompound(packet) {
      for block in blocks {
        meter.report(
          Measure.ReportBlock(
            fractionLost: block.fractionLost, cumulativeLost: block.cumulativeLost,
            extendedHighestSequenceNumber: block.extendedHighestSequenceNumber, jitter: block.jitter), track: UInt8(truncatingIfNeeded: index),
          clockRate: sent[index].clockRate)
      }
    }
  }

  private func sendReports(at now: BootTime) {
    nextReport = now + context.settings.reportInterval
    for index in sent.indices {
      guard let report = sent[index].report(at: now, wall: context.clock.wallTime()) else { continue }
      let compound = RTCPPacket.compound([
        .senderReport(report), .sourceDescription([RTCPPacket.SourceName(ssrc: report.ssrc, cname: cname)]),
      ])
      if let sender = senders[index] {
        sender.send(rtcp: compound)
        continue
      }
      guard let channel = channels[index]?.rtcp else { continue }
      var framed = ByteBuffer()
      InterleavedFraming.append(channel: channel, length: compound.readableBytes, to: &framed)
      framed.writeImmutableBuffer(compound)
      wire.send(framed)
    }
  }

  func tick(at now: BootTime) {
    roundTripIn -= 1
    if roundTripIn <= 0 {
      roundTripIn = 5
      wire.roundTrip { [weak self] in self?.meter.roundTrip($0, method: "tcp-info") }
    }
    guard gate.drops > warnedDrops else { return }
    warnedDrops = gate.drops
    context.logger.warning(
      "uplink too slow: dropped to the next key frame",
      metadata: ["stream": "\(name)", "times": "\(gate.drops)", "units": "\(gate.droppedUnits)"])
  }
}

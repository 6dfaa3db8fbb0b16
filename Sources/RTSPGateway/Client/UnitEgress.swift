internal import Gateway
internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOCore
internal import RTPMedia
internal import Transport
internal import Wire

/// A stream's units on their way into one RTSP connection: packetised, gated, with sender reports.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class UnitEgress: @unchecked Sendable {
  private let framing: RTSPFraming
  private let context: RTSPContext
  private let name: StreamName
  private let beforeKeyUnit: (@Sendable (AccessUnit, BootTime) -> Void)?
  private let keyTrack: UInt8?
  private var packetizers: [RTPPacketizer]
  /// Tracks that go by UDP are framed on their canonical channels first, so that one packetiser serves both ways.
  private var path: MediaPath
  private var roundTrip = RoundTripTimer()
  private var gate: UnitGate
  private var meter: OutboundMeter
  private var reports: SenderReports
  private var warnedDrops: UInt64 = 0

  init(
    description: StreamDescription, media: RTSPEstablished, connection: RTSPClientConnection, context: RTSPContext,
    beforeKeyUnit: (@Sendable (AccessUnit, BootTime) -> Void)?, at now: BootTime
  ) {
    framing = connection.framing
    self.context = context
    self.beforeKeyUnit = beforeKeyUnit
    name = description.name
    keyTrack = description.tracks.first { $0.codec.isVideo }?.index
    packetizers = zip(description.tracks, media.tracks).map { track, announced in
      RTPPacketizer(
        track: track, payloadType: announced.payload.payloadType, ssrc: UInt32.random(in: 1...UInt32.max),
        sequenceNumber: UInt16.random(in: 0...0x7FFF), timestampOffset: UInt32.random(in: 0...0x7FFF_FFFF),
        unitIDExtension: announced.payload.unitIDExtension, sentTimeExtension: announced.payload.sentTimeExtension)
    }
    path = connection.path(media, tracks: description.tracks.count)
    gate = UnitGate(keyTrack: keyTrack)
    let isToNode = media.tracks.contains { $0.payload.unitIDExtension != nil }
    meter = OutboundMeter(method: path.usesDatagrams ? .rtp : .tcp, hop: isToNode ? .centre : .viewer, session: description.session)
    reports = SenderReports(
      clockRates: packetizers.map(\.clockRate), sends: path.sends, node: context.environment.hub.node,
      interval: context.settings.reportInterval, at: now - .seconds(1))
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
      guard gate.admits(unit, hasRoom: delivery.cached || framing.isWritable) else {
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
    if reports.isDue(at: delivery.arrival) { sendReports(at: context.clock.bootTime()) }
  }

  private func flush(_ buffer: inout ByteBuffer, frames: Int, packets: Int) {
    guard buffer.readableBytes > 0 else { return }
    meter.sent(bytes: buffer.readableBytes, packets: packets, frames: frames)
    if path.usesDatagrams {
      for index in path.senders.indices { path.senders[index]?.send(framed: buffer, channel: UInt8(truncatingIfNeeded: 2 * index)) }
    } else {
      framing.send(buffer)
    }
    buffer = ByteBuffer()
  }

  private func rtpChannel(_ index: Int) -> UInt8? {
    guard path.usesDatagrams else { return path.channels[index]?.rtp }
    return path.senders[index] == nil ? nil : UInt8(truncatingIfNeeded: 2 * index)
  }

  /// - Returns: packets of the unit.
  private func count(_ buffer: ByteBuffer, from start: Int, _ unit: AccessUnit) -> Int {
    let index = Int(unit.track)
    let packets = buffer.withUnsafeReadableBytes { bytes in
      reports.count(UnsafeRawBufferPointer(rebasing: bytes[(start - buffer.readerIndex)...]), track: index, arrival: unit.arrival)
    }
    if let capture = unit.capture {
      reports.learn(track: index, wall: capture.wall, timestamp: packetizers[index].timestamp(of: unit.pts), at: unit.arrival)
    }
    return packets
  }

  // MARK: RTCP

  func rtcp(_ packet: UnsafeRawBufferPointer, channel: UInt8, at now: BootTime) {
    guard let index = path.channels.firstIndex(where: { $0?.rtcp == channel }) else { return }
    _ = reports.receive(packet, track: index, at: now, measuresRoundTrip: false, &meter)
  }

  private func sendReports(at now: BootTime) {
    for index in packetizers.indices {
      guard let report = reports.report(track: index, at: now, wall: context.clock.wallTime()) else { continue }
      if path.usesDatagrams {
        path.senders[index]?.send(rtcp: report)
      } else if let channel = path.channels[index]?.rtcp {
        framing.send(rtcp: report, channel: channel)
      }
    }
  }

  func tick(at now: BootTime) {
    roundTrip.tick(framing.connection.channel) { [weak self] in self?.meter.roundTrip($0, method: "tcp-info") }
    guard gate.drops > warnedDrops else { return }
    warnedDrops = gate.drops
    context.environment.logger.warning(
      "uplink too slow: dropped to the next key frame",
      metadata: ["stream": "\(name)", "times": "\(gate.drops)", "units": "\(gate.droppedUnits)"])
  }
}

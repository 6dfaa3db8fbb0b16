internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOCore
internal import Wire

/// A viewer: takes the stream's RTP from the hub and writes it to its connection or its UDP peer.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only, which is the connection's.
final class RTSPReader: StreamReader, @unchecked Sendable {
  /// Packets of the replayed GOP that a UDP reader gets at once, and how often: a burst of the whole would overflow its socket's default
  /// buffer.
  private static let burst = 48
  private static let pause = TimeAmount.milliseconds(4)

  struct Identity {
    let name: StreamName
    let remoteAddress: String
    let keyName: String?
    let mediaProtocol: MediaProtocol
    let session: String
    let hop: Hop
  }

  let loop: any EventLoop
  private let wire: RTSPWire
  private let clock: any NodeClock
  private let identity: Identity
  private let logger: Logger
  private let since: BootTime
  /// Ends the connection: the stream is over, or is another now.
  private let ended: (Fault) -> Void
  /// Per track its channels, over TCP; nil for a track that was not set up.
  private let channels: [RTSPTransport.Channels?]
  /// Whether the hub's bytes go out untouched.
  private let isCanonical: Bool
  /// Per track, over UDP.
  private var senders: [DatagramSender?]
  private let usesDatagrams: Bool
  /// Per track, whether it was set up.
  private let sends: [Bool]
  private var gate = ReaderGate()
  private var meter: OutboundMeter
  private var tracks: [SentTrack]
  private let cname: String
  private var subscription: Subscription?
  private var isDone = false
  private var started = false
  private var congested = false
  /// What still waits behind the replayed GOP of a UDP reader.
  private var paced: ByteBuffer?
  private var nextReport: BootTime
  private let reportInterval: Nanoseconds
  private var warnedDrops: UInt64 = 0
  /// Seconds until the next look at the connection's round trip, which stands in where the reader's reports tell none.
  private var roundTripIn = 1
  private var reportsTellRoundTrip = false
  /// When something was last written with room for more: an interleaved reader that takes nothing is dead, however quiet it may be.
  private(set) var lastProgress: BootTime

  init(
    wire: RTSPWire, loop: any EventLoop, identity: Identity, path: ReaderPath, clockRates: [Int32], node: String,
    reportInterval: Nanoseconds,
    logger: Logger, ended: @escaping (Fault) -> Void
  ) {
    self.wire = wire
    self.loop = loop
    self.identity = identity
    self.logger = logger
    self.ended = ended
    self.reportInterval = reportInterval
    clock = wire.clock
    since = wire.clock.bootTime()
    lastProgress = since
    nextReport = since + .seconds(1)
    cname = "firstframe@\(node)"
    tracks = clockRates.map { SentTrack(clockRate: $0) }
    meter = OutboundMeter(method: identity.mediaProtocol.method, hop: identity.hop, session: identity.session)
    switch path {
    case .interleaved(let setUps):
      (channels, isCanonical) = ReaderPath.channels(setUps)
      senders = []
      usesDatagrams = false
      sends = channels.map { $0 != nil }
    case .datagrams(let senders):
      channels = []
      isCanonical = false
      self.senders = senders
      usesDatagrams = true
      sends = senders.map { $0 != nil }
    }
  }

  // MARK: Subscription

  func hold(_ subscription: Subscription) {
    if isDone { subscription.cancel() } else { self.subscription = subscription }
  }

  func stop() {
    isDone = true
    paced = nil
    subscription?.cancel()
    subscription = nil
  }

  // MARK: StreamReader

  func streamStarted(_ description: StreamDescription) {
    guard !isDone else { return }
    // Another publisher with other tracks: what DESCRIBE told is no longer true, and RTSP cannot tell it anew.
    if started, !description.continues { return ended(Fault(.streamEnded, "another publication of \(identity.name)")) }
    started = true
  }

  func streamInterrupted(at: BootTime) {}

  func streamEnded(_ reason: Fault) {
    guard !isDone else { return }
    sendGoodbye()
    ended(reason)
  }

  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {
    guard !isDone, Int(track) < tracks.count else { return }
    let now = clock.bootTime()
    tracks[Int(track)].learn(wall: wall, timestamp: rtpTimestamp, at: now)
    sendReport(track: Int(track), at: now)
  }

  func receive(_ delivery: Delivery) {
    guard !isDone else { return }
    guard let bytes = gate.admit(delivery, writable: isWritable) else {
      meter.dropped(frames: delivery.unitCount)
      return
    }
    guard bytes.readableBytes > 0 else { return }
    let packets = send(bytes, delivery)
    meter.sent(bytes: bytes.readableBytes, packets: packets, frames: delivery.unitCount)
  }

  private var isWritable: Bool { usesDatagrams ? !congested : wire.isWritable }

  /// - Returns: packets sent.
  private func send(_ bytes: ByteBuffer, _ delivery: Delivery) -> Int {
    let packets = count(bytes, arrival: delivery.arrival)
    if usesDatagrams {
      congested = false
      if paced != nil || delivery.cached { pace(bytes) } else { sendDatagrams(bytes) }
    } else {
      let own = isCanonical ? bytes : FramedPackets.rewritten(bytes, channels: channels.map { $0?.rtp })
      if own.readableBytes > 0 { wire.send(own) }
      if wire.isWritable { lastProgress = delivery.arrival }
    }
    return packets
  }

  /// One access to the tracks a delivery, not one a packet.
  private func count(_ framed: ByteBuffer, arrival: BootTime) -> Int {
    let sends = sends
    return tracks.withUnsafeMutableBufferPointer { tracks in
      framed.withUnsafeReadableBytes { bytes in
        var packets = 0
        FramedPackets.forEach(bytes) { track, at, length in
          guard track < tracks.count, track < sends.count, sends[track] else { return }
          packets &+= 1
          let from = at &+ InterleavedFraming.headerLength
          tracks[track].count(UnsafeRawBufferPointer(rebasing: bytes[from..<from &+ length]), arrival: arrival)
        }
        return packets
      }
    }
  }

  // MARK: Datagrams

  private func sendDatagrams(_ framed: ByteBuffer) {
    for index in senders.indices {
      guard let before = senders[index]?.dropped else { continue }
      senders[index]?.send(framed: framed, channel: UInt8(truncatingIfNeeded: index &* 2))
      if senders[index]?.dropped != before { congested = true }
    }
  }

  /// Sends what the socket of a default client takes, and the rest a little later.
  private func pace(_ framed: ByteBuffer) {
    if paced == nil {
      paced = framed
      sendPaced()
    } else {
      paced?.writeImmutableBuffer(framed)
    }
  }

  private func sendPaced() {
    guard !isDone, var waiting = paced else { return }
    paced = nil
    let burst = FramedPackets.takeFirst(RTSPReader.burst, of: &waiting)
    sendDatagrams(burst)
    guard waiting.readableBytes > 0 else { return }
    paced = waiting
    loop.scheduleTask(in: RTSPReader.pause) { self.sendPaced() }
  }

  /// The peer's address as its datagrams show it: behind a NAT another than its SETUP told.
  func noteSource(_ source: PeerAddress, track: Int, isRTCP: Bool) {
    guard track < senders.count else { return }
    if isRTCP { senders[track]?.rtcpPeer = source } else { senders[track]?.rtpPeer = source }
  }

  // MARK: RTCP

  /// A compound from the reader about a track.
  func rtcp(_ packet: UnsafeRawBufferPointer, track: Int, at now: BootTime) {
    guard track < tracks.count else { return }
    for part in RTCPPacket.parseCompound(packet) {
      switch part {
      case .receiverReport(_, let blocks): for block in blocks { note(block, track: track, at: now) }
      case .senderReport(let report): for block in report.reports { note(block, track: track, at: now) }
      case .pictureLoss, .fullIntraRequest: subscription?.requestKeyframe()
      case .goodbye: if identity.mediaProtocol == .rtspUDP { ended(Fault(.publisherGone, "the reader said goodbye")) }
      default: break
      }
    }
  }

  private func note(_ block: Wire.ReportBlock, track: Int, at now: BootTime) {
    meter.report(
      Measure.ReportBlock(
        fractionLost: block.fractionLost, cumulativeLost: block.cumulativeLost,
        extendedHighestSequenceNumber: block.extendedHighestSequenceNumber, jitter: block.jitter), track: UInt8(truncatingIfNeeded: track),
      clockRate: tracks[track].clockRate)
    // Over TCP a report waits behind the media that it is about: the kernel knows the connection better.
    guard usesDatagrams, let trip = tracks[track].roundTrip(block, at: now) else { return }
    meter.roundTrip(trip, method: "rtcp-rr")
    reportsTellRoundTrip = true
  }

  private func sendReport(track: Int, at now: BootTime) {
    guard sends[track], let report = tracks[track].report(at: now, wall: clock.wallTime()) else { return }
    nextReport = now + reportInterval
    sendRTCP([.senderReport(report), .sourceDescription([RTCPPacket.SourceName(ssrc: report.ssrc, cname: cname)])], track: track)
  }

  private func sendGoodbye() {
    for index in tracks.indices where sends[index] {
      guard let report = tracks[index].report(at: clock.bootTime(), wall: clock.wallTime()) else { continue }
      sendRTCP([.senderReport(report), .goodbye(ssrcs: [report.ssrc], reason: nil)], track: index)
    }
  }

  private func sendRTCP(_ packets: [RTCPPacket], track: Int) {
    let compound = RTCPPacket.compound(packets)
    if usesDatagrams {
      senders[track]?.send(rtcp: compound)
    } else if let channel = channels[track]?.rtcp {
      var framed = ByteBuffer()
      InterleavedFraming.append(channel: channel, length: compound.readableBytes, to: &framed)
      framed.writeImmutableBuffer(compound)
      wire.send(framed)
    }
  }

  // MARK: Once a second

  func tick(at now: BootTime) {
    measureRoundTrip()
    if now >= nextReport { for index in tracks.indices { sendReport(track: index, at: now) } }
    guard gate.drops > warnedDrops else { return }
    warnedDrops = gate.drops
    logger.warning(
      "reader too slow: dropped to the next key frame",
      metadata: [
        "stream": "\(identity.name)", "remote": "\(identity.remoteAddress)", "times": "\(gate.drops)", "frames": "\(gate.droppedUnits)",
        "bytes": "\(gate.droppedBytes)",
      ])
  }

  private func measureRoundTrip() {
    roundTripIn -= 1
    guard roundTripIn <= 0, !reportsTellRoundTrip else { return }
    roundTripIn = 5
    wire.roundTrip { [weak self] in self?.meter.roundTrip($0, method: "tcp-info") }
  }

  func snapshot(at: BootTime) -> ReaderSnapshot? {
    ReaderSnapshot(
      mediaProtocol: identity.mediaProtocol, remoteAddress: identity.remoteAddress, keyName: identity.keyName, since: since,
      outbound: meter.quality)
  }
}

internal import Gateway
internal import Hub
internal import Model
internal import NIOCore
internal import RTPMedia
internal import Transport
internal import Wire

/// Where a viewer's RTP goes: into its RTSP connection, or to its UDP ports, with sender reports and what the viewer answers.
///
/// `@unchecked Sendable`: everything is touched on the connection's loop only.
final class RTSPSink: ReaderSink, DatagramReceiver, @unchecked Sendable {
  /// Packets of the replayed GOP that a UDP reader gets at once, and how often: a burst of the whole would overflow its socket's default buffer.
  private static let burst = 48
  private static let pause = TimeAmount.milliseconds(4)

  private let framing: RTSPFraming
  private let peer: PeerAddress?
  private let clock: any NodeClock
  private let name: StreamName
  /// Ends the connection: the stream is over, or is another now.
  private let finished: (Fault) -> Void
  private var path: MediaPath
  /// Whether the hub's bytes go out untouched.
  private let isCanonical: Bool
  /// Inside the connection: the RTP channel of each track that the viewer set up.
  private let channels: [UInt8?]
  private var reports: SenderReports
  /// Set by the session's maker; the session holds this sink until it stops.
  weak var session: ReaderSession?
  private var watches: [DatagramWatch] = []
  private var hasStarted = false
  private var isStopped = false
  private var congested = false
  /// What still waits behind the replayed GOP of a UDP reader.
  private var paced: RTPFrames?
  /// When the viewer last sent a datagram: it keeps the session alive.
  private(set) var lastDatagram: BootTime?

  /// - Parameters:
  ///   - peer: whose host every datagram must come from.
  ///   - clockRates: RTP ticks a second of each track.
  init(
    _ name: StreamName, path: MediaPath, clockRates: [Int32], framing: RTSPFraming, peer: PeerAddress?, context: RTSPContext,
    finished: @escaping (Fault) -> Void
  ) {
    self.name = name
    self.framing = framing
    self.peer = peer
    self.path = path
    self.finished = finished
    clock = context.clock
    isCanonical = path.isCanonical
    channels = path.channels.map { $0?.rtp }
    reports = SenderReports(
      clockRates: clockRates, sends: path.sends, node: context.environment.hub.node, interval: context.settings.reportInterval,
      at: context.clock.bootTime())
  }

  /// Receives what a UDP viewer sends us: RTCP, and the packets by which it opens its NAT.
  func listen() throws(Fault) { watches = try framing.connection.mediaLoop.watch(path, receiver: self) }

  func stop() {
    isStopped = true
    paced = nil
    for watch in watches { framing.connection.mediaLoop.unwatch(watch) }
    watches = []
  }

  // MARK: ReaderSink

  var isWritable: Bool { path.usesDatagrams ? !congested : framing.isWritable }
  var reportsRoundTrip: Bool { reports.hasRoundTrip }

  /// Another publisher with other tracks: what DESCRIBE said is no longer true, and RTSP cannot say it anew.
  func started(_ description: StreamDescription) -> Fault? {
    if hasStarted, !description.continues { return Fault(.streamEnded, "another publication of \(name)") }
    hasStarted = true
    return nil
  }

  func write(_ bytes: ByteBuffer, _ delivery: Delivery) -> Int? {
    let packets = reports.count(bytes, arrival: delivery.arrival)
    if path.usesDatagrams {
      congested = false
      if paced != nil || delivery.cached { pace(bytes) } else { sendDatagrams(bytes) }
    } else {
      let own = isCanonical ? bytes : RTPFrames(bytes).rewritten(channels: channels).bytes
      if own.readableBytes > 0 { framing.send(own) }
    }
    return packets
  }

  func senderReport(track: UInt8, wall: WallTime, rtpTimestamp: UInt32) {
    let now = clock.bootTime()
    reports.learn(track: Int(track), wall: wall, timestamp: rtpTimestamp, at: now)
    sendReport(track: Int(track), at: now)
  }

  func ended(_ reason: Fault) {
    let (now, wall) = (clock.bootTime(), clock.wallTime())
    for track in 0..<reports.trackCount { if let goodbye = reports.goodbye(track: track, at: now, wall: wall) { send(goodbye, track: track) } }
    finished(reason)
  }

  func readerTick(at now: BootTime) {
    guard reports.isDue(at: now) else { return }
    for track in 0..<reports.trackCount { sendReport(track: track, at: now) }
  }

  // MARK: Datagrams

  private func sendDatagrams(_ framed: ByteBuffer) {
    for index in path.senders.indices {
      guard let before = path.senders[index]?.dropped else { continue }
      path.senders[index]?.send(framed: framed, channel: UInt8(truncatingIfNeeded: index &* 2))
      if path.senders[index]?.dropped != before { congested = true }
    }
  }

  /// Sends as much as fits a default client's socket buffer, and the rest a little later.
  private func pace(_ framed: ByteBuffer) {
    if paced == nil {
      paced = RTPFrames(framed)
      sendPaced()
    } else {
      paced?.bytes.writeImmutableBuffer(framed)
    }
  }

  private func sendPaced() {
    guard !isStopped, var waiting = paced else { return }
    paced = nil
    sendDatagrams(waiting.removeFirst(RTSPSink.burst).bytes)
    guard !waiting.isEmpty else { return }
    paced = waiting
    framing.connection.loop.scheduleTask(in: RTSPSink.pause) { self.sendPaced() }
  }

  func receive(_ datagram: Datagram) {
    let (track, isRTCP) = (datagram.flow >> 1, datagram.flow & 1 == 1)
    guard !isStopped, peer.map({ datagram.source.sameHost(as: $0) }) == true, track < path.senders.count else { return }
    lastDatagram = datagram.arrival
    // Behind a NAT the ports are other than SETUP said.
    if isRTCP { path.senders[track]?.rtcpPeer = datagram.source } else { path.senders[track]?.rtpPeer = datagram.source }
    if isRTCP { rtcp(datagram.bytes, track: track, at: datagram.arrival) }
  }

  func roundEnded(at now: BootTime) {}
  func clockStepped(by step: Nanoseconds, at now: BootTime) {}

  // MARK: RTCP

  /// A compound from the viewer about a track.
  func rtcp(_ packet: UnsafeRawBufferPointer, track: Int, at now: BootTime) {
    guard let session else { return }
    var feedback: SenderReports.Feedback = []
    session.report { meter in feedback = reports.receive(packet, track: track, at: now, measuresRoundTrip: path.usesDatagrams, &meter) }
    if feedback.contains(.wantsKeyframe) { session.requestKeyframe() }
    if feedback.contains(.leaves), path.usesDatagrams { finished(Fault(.readerGone, "RTCP BYE")) }
  }

  private func sendReport(track: Int, at now: BootTime) {
    if let report = reports.report(track: track, at: now, wall: clock.wallTime()) { send(report, track: track) }
  }

  private func send(_ compound: ByteBuffer, track: Int) {
    if path.usesDatagrams {
      path.senders[track]?.send(rtcp: compound)
    } else if let channel = path.channels[track]?.rtcp {
      framing.send(rtcp: compound, channel: channel)
    }
  }
}

internal import Gateway
internal import Hub
internal import Logging
internal import Model
internal import NIOCore
internal import RTPMedia
internal import Transport
internal import Wire

/// A stream that an RTSP peer sends us, pushed or pulled, inside the connection or by UDP: brings its packets to the publisher session and our
/// RTCP to the peer.
///
/// Everything is touched on the connection's loop only.
final class RTSPPublisher: PublisherTransport, DatagramReceiver {
  private let framing: RTSPFraming
  private let peer: PeerAddress?
  /// Ends the connection.
  private let ended: (Fault) -> Void
  private var path: MediaPath
  private var session: RTPPublisher?
  private var reports: ReceiverReports
  private var batch: DatagramBatch
  private var watches: [DatagramWatch] = []
  /// Per track: from which port of the peer its RTP is taken.
  private var sources: [SourceFollower]
  /// Per track: whether RTCP has come, so that its port is known.
  private var hasReports: [Bool]
  private let logger: Logger
  /// Per flow, the kernel's last count of datagrams it had no room for, and their sum.
  private var overflows: [Int: UInt32] = [:]
  private var overflowSum: Int64 = 0
  /// When a datagram of the peer's, of any kind, last came; nil before, and inside the connection.
  private(set) var lastDatagram: BootTime?

  /// - Parameters:
  ///   - peer: whose host every datagram must come from.
  ///   - ended: ends the connection with a reason.
  init(
    _ plan: PublisherPlan, _ reception: ReceptionPlan, path: MediaPath, framing: RTSPFraming, peer: PeerAddress?, context: RTSPContext,
    ended: @escaping (Fault) -> Void
  ) {
    self.framing = framing
    self.peer = peer
    self.path = path
    self.ended = ended
    reports = ReceiverReports(node: context.environment.hub.node, interval: context.settings.reportInterval, at: context.clock.bootTime())
    batch = DatagramBatch(tracks: reception.tracks.count)
    sources = Array(repeating: SourceFollower(), count: reception.tracks.count)
    hasReports = Array(repeating: false, count: reception.tracks.count)
    logger = context.environment.logger
    session = RTPPublisher(
      plan, intake: RTPReception(reception), connection: framing.connection, environment: context.environment, transport: self)
  }

  /// Asks the hub; media waits where it is until the answer has come.
  /// - Parameter answered: called with nil once media flows, or with why it may not.
  func start(_ answered: @escaping (Fault?) -> Void) {
    framing.holdMedia()
    session?.ask { [self] fault in
      var fault = fault
      if fault == nil { do throws(Fault) { try begin() } catch { fault = error } }
      answered(fault)
      framing.releaseMedia()
    }
  }

  private func begin() throws(Fault) {
    guard let session else { return }
    if path.usesDatagrams {
      lastDatagram = framing.connection.lastRead
      watches = try framing.connection.mediaLoop.watch(path, receiver: self)
      return
    }
    var map = ChannelMap()
    for (track, pair) in path.channels.enumerated() {
      if let pair { map.set(track: UInt8(truncatingIfNeeded: track), rtp: pair.rtp, rtcp: pair.rtcp) }
    }
    framing.channels = map
    framing.publisher = session
  }

  /// Opens the way through NATs towards us, as a client that pulls by UDP does.
  func punch() {
    for sender in path.senders { sender?.punch() }
  }

  /// When media last came; nil before the session is live.
  var lastMedia: BootTime? { session.flatMap { $0.isLive ? $0.lastMedia : nil } }
  /// Whether there is a video track.
  var hasVideo: Bool { session?.receive { reception, _ in reception.hasVideo } ?? false }
  /// When a picture last came whole; nil before the first.
  var lastPicture: BootTime? { session?.receive { reception, _ in reception.lastPicture } }
  /// Whether the peer said goodbye in RTCP and sends no more.
  func hasLeft(at now: BootTime) -> Bool { session?.receive { reception, _ in reception.hasLeft(at: now) } ?? false }

  /// A round trip taken by request and answer, for connections whose kernel figure cannot be had.
  func roundTrip(_ value: Nanoseconds, at now: BootTime) { session?.roundTrip(value, at: now) }

  /// The media is over. The second call does nothing.
  func finish(_ reason: Fault) {
    guard let session else { return }
    for watch in watches { framing.connection.mediaLoop.unwatch(watch) }
    watches = []
    if session.isLive { for sender in path.senders { sender?.send(rtcp: reports.goodbye) } }
    framing.publisher = nil
    self.session = nil
    // What came in the round that ends here belongs to the stream.
    batch.post(to: session, at: session.lastMedia)
    session.finish(reason)
  }

  // MARK: PublisherTransport

  func end(_ fault: Fault) { ended(fault) }

  var receiveBufferErrors: Int64? { path.usesDatagrams ? overflowSum : nil }

  func requestKeyframe(track: Int) {
    guard let session, let request = reports.pictureLoss(track: track, of: session) else { return }
    send(request, track: track)
  }

  func publisherTick(at now: BootTime) {
    guard let session, reports.isDue(at: now) else { return }
    for track in path.sends.indices {
      if let report = reports.report(track: track, of: session, at: now) { send(report, track: track) }
    }
  }

  private func send(_ compound: ByteBuffer, track: Int) {
    if path.usesDatagrams {
      if track < path.senders.count { path.senders[track]?.send(rtcp: compound) }
    } else if track < path.channels.count, let channel = path.channels[track]?.rtcp, framing.isWritable {
      framing.send(rtcp: compound, channel: channel)
    }
  }

  // MARK: DatagramReceiver

  func receive(_ datagram: Datagram) {
    let (track, isRTCP) = (datagram.flow >> 1, datagram.flow & 1 == 1)
    guard let session, track < path.senders.count, peer.map({ datagram.source.sameHost(as: $0) }) == true else { return }
    note(datagram)
    if isRTCP { return receive(report: datagram, track: track, into: session) }
    let before = sources[track].port
    switch sources[track].receive(datagram.bytes, port: datagram.source.port, arrival: datagram.arrival) {
    case .leave: return
    case .take:
      session.read(lag: datagram.lag)
      batch.receive(datagram.bytes, track: track, arrival: datagram.arrival, into: session)
    case .follow:
      for held in sources[track].removeHeld() {
        held.bytes.withUnsafeBytes { batch.receive($0, track: track, arrival: held.arrival, into: session) }
      }
      logger.notice(
        "设备的 UDP 端口变了,已跟随 | the device's UDP port has moved; it is followed",
        metadata: ["stream": "\(session.plan.name)", "track": "\(track)", "from": "\(before ?? 0)", "to": "\(datagram.source)"])
      // What was lost on the way may have hurt the picture.
      requestKeyframe(track: track)
    }
    lastDatagram = datagram.arrival
  }

  /// RTCP of the peer: from the port that is known, or of the source whose packets come.
  private func receive(report datagram: Datagram, track: Int, into session: RTPPublisher) {
    let isKnown = !hasReports[track] || path.senders[track]?.rtcpPeer == datagram.source
    if !isKnown, let ssrc = session.receive({ reception, _ in reception.ssrc(track: track) }) {
      guard datagram.bytes.count >= 8 else { return }
      guard UInt32(bigEndian: datagram.bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) == ssrc else { return }
    }
    hasReports[track] = true
    path.senders[track]?.rtcpPeer = datagram.source
    lastDatagram = datagram.arrival
    session.receive { reception, _ in reception.rtcp(datagram.bytes, track: track, arrival: datagram.arrival) }
  }

  private func note(_ datagram: Datagram) {
    let before = overflows[datagram.flow] ?? 0
    guard datagram.overflows != before else { return }
    overflows[datagram.flow] = datagram.overflows
    overflowSum &+= Int64(datagram.overflows &- before)
  }

  func roundEnded(at now: BootTime) { if let session { batch.post(to: session, at: now) } }
  func clockStepped(by step: Nanoseconds, at now: BootTime) { session?.clockStepped(by: step, at: now) }
}

internal import Hub
internal import Measure
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Wire

/// A publisher whose media comes by UDP: from the datagram loop to the hub, one post a round.
///
/// `@unchecked Sendable`: everything is touched on the datagram loop's thread only, but for `state`, which is locked.
final class DatagramPublisher: DatagramReceiver, @unchecked Sendable {
  private struct State {
    var lastMedia: BootTime
    var saidGoodbye = false
  }

  private let ingress: MediaIngress
  private let datagrams: DatagramLoop
  private let peer: PeerAddress
  private var senders: [DatagramSender?]
  /// Per track: the first RTP port seen, to which the session is locked from then on.
  private var lockedPorts: [UInt16?]
  private var batch = DatagramBatch()
  private var batchArrival = BootTime(nanoseconds: 0)
  private var filters: [RepeatFilter]
  /// Per socket, the kernel's last count of datagrams it had no room for, and their sum.
  private var overflows: [Int: UInt32] = [:]
  private var overflowSum: Int64 = 0
  private var nextReport: BootTime
  private let reportInterval: Nanoseconds
  private var finished = false
  private let state: NIOLockedValueBox<State>

  /// - Parameters:
  ///   - peer: whose host every datagram must come from.
  ///   - senders: per track, for our RTCP; nil for a track that was not set up.
  init(
    ingress: MediaIngress, datagrams: DatagramLoop, peer: PeerAddress, senders: [DatagramSender?], reportInterval: Nanoseconds,
    at now: BootTime
  ) {
    self.ingress = ingress
    self.datagrams = datagrams
    self.peer = peer
    self.senders = senders
    self.reportInterval = reportInterval
    lockedPorts = Array(repeating: nil, count: senders.count)
    filters = Array(repeating: RepeatFilter(), count: senders.count)
    nextReport = now + .seconds(1)
    state = NIOLockedValueBox(State(lastMedia: now))
  }

  // MARK: From any thread

  /// Begins to receive.
  func start() {
    for (index, sender) in senders.enumerated() {
      if let sender { datagrams.add(sender.pair, track: index, receiver: self) }
    }
  }

  var lastMedia: BootTime { state.withLockedValue { $0.lastMedia } }
  var saidGoodbye: Bool { state.withLockedValue { $0.saidGoodbye } }

  func sharedQuality(at now: BootTime) -> InboundQuality? { ingress.measured.sharedQuality(at: now) }

  func roundTrip(_ value: Nanoseconds, at now: BootTime) {
    datagrams.execute { [self] in ingress.measured.roundTrip(value, at: now) }
  }

  func probed(_ events: [SampleEvent]) {
    datagrams.execute { [self] in ingress.measured.probed(events) }
  }

  func tick(at now: BootTime) {
    datagrams.execute { [self] in
      guard !finished else { return }
      ingress.measured.tick(at: now, receiveBufferErrors: overflowSum)
      if now >= nextReport { sendReports(at: now) }
    }
  }

  func requestKeyframe(track: Int) {
    datagrams.execute { [self] in
      guard track < senders.count, let request = ingress.pictureLoss(track: track) else { return }
      senders[track]?.send(rtcp: request)
    }
  }

  /// Ends the session; `done` runs on the datagram loop once the last unit has been posted, so that what follows comes after it.
  func finish(at now: BootTime, then done: @escaping @Sendable () -> Void) {
    datagrams.remove(self)
    let accepted = datagrams.execute { [self] in
      defer { done() }
      guard !finished else { return }
      finished = true
      for sender in senders { sender?.send(rtcp: ingress.goodbye) }
      ingress.finish(at: now)
    }
    if !accepted { done() }
  }

  // MARK: DatagramReceiver

  func receive(_ datagram: Datagram) {
    guard !finished, datagram.track < senders.count, datagram.source.sameHost(as: peer) else { return }
    note(datagram)
    if datagram.isRTCP {
      senders[datagram.track]?.rtcpPeer = datagram.source
      ingress.receive { reception, _ in reception.rtcp(datagram.bytes, track: datagram.track, arrival: datagram.arrival) }
      if ingress.saidGoodbye { state.withLockedValue { $0.saidGoodbye = true } }
      return
    }
    let port = datagram.source.port
    if let locked = lockedPorts[datagram.track] {
      guard locked == port else { return }
    } else {
      lockedPorts[datagram.track] = port
    }
    ingress.measured.read(lag: datagram.lag)
    take(datagram)
  }

  private func take(_ datagram: Datagram) {
    guard datagram.bytes.count >= RTPHeader.fixedLength else { return }
    let (track, channel) = (datagram.track, UInt8(truncatingIfNeeded: datagram.track &* 2))
    let sequenceNumber = UInt16(bigEndian: datagram.bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    let end = batch.count
    let belongs = ingress.receive { $0.rtp(datagram.bytes, track: track, at: end, arrival: datagram.arrival, &$1) }
    guard belongs else { return }
    switch filters[track].note(sequenceNumber) {
    case .repeated: return
    case .next: batch.append(datagram.bytes, channel: channel)
    case .late:
      let place = batch.place(sequenceNumber: sequenceNumber, channel: channel)
      batch.insert(datagram.bytes, channel: channel, at: place)
      let length = InterleavedFraming.headerLength &+ datagram.bytes.count
      ingress.receive { reception, _ in reception.moved(from: end, to: place, by: length, track: track) }
    }
    batchArrival = max(batchArrival, datagram.arrival)
  }

  private func note(_ datagram: Datagram) {
    let socket = datagram.track &* 2 &+ (datagram.isRTCP ? 1 : 0)
    let before = overflows[socket] ?? 0
    guard datagram.overflows != before else { return }
    overflows[socket] = datagram.overflows
    overflowSum &+= Int64(datagram.overflows &- before)
  }

  func roundEnded(at now: BootTime) {
    guard !finished else { return }
    let packets = batch.take()
    state.withLockedValue { $0.lastMedia = now }
    ingress.post(packets, arrival: packets.readableBytes > 0 ? batchArrival : now)
  }

  func clockStepped(by step: Nanoseconds, at now: BootTime) {
    if !finished { ingress.measured.clockStepped(by: step, at: now) }
  }

  private func sendReports(at now: BootTime) {
    nextReport = now + reportInterval
    for (index, sender) in senders.enumerated() {
      if let report = ingress.receiverReport(track: index, at: now) { sender?.send(rtcp: report) }
    }
  }
}

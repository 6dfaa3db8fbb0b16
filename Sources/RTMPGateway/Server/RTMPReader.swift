internal import Hub
internal import Logging
internal import Measure
internal import Model
internal import NIOCore

/// A player: writes the stream's shared bytes to its connection.
///
/// `@unchecked Sendable`: everything is touched on ``loop`` only, which is the connection's.
final class RTMPReader: StreamReader, @unchecked Sendable {
  let loop: any EventLoop
  private let context: RTMPContext
  /// Nil once stopped: the connection holds this reader.
  private var connection: RTMPConnection?
  private let name: StreamName
  private let remoteAddress: String
  private let keyName: String?
  private let since: BootTime
  private var subscription: Subscription?
  private var gate = ReaderGate()
  private var meter: OutboundMeter
  private var warnedDrops: UInt64 = 0
  /// Seconds until the next look at the connection's round trip.
  private var roundTripIn = 1
  private var isStarted = false
  private var isPaused = false
  private var isDone = false
  /// When the socket last had room.
  private(set) var lastProgress: BootTime

  init(
    context: RTMPContext, connection: RTMPConnection, loop: any EventLoop, name: StreamName, remoteAddress: String, keyName: String?
  ) {
    self.context = context
    self.connection = connection
    self.loop = loop
    self.name = name
    self.remoteAddress = remoteAddress
    self.keyName = keyName
    since = context.clock.bootTime()
    lastProgress = since
    let session = "\(name)<\(remoteAddress)@\(since.nanoseconds)"
    meter = OutboundMeter(method: MediaProtocol.rtmp.method, hop: .viewer, session: session)
  }

  // MARK: Subscription

  func subscribe() {
    context.hub.subscribe(self, to: name, form: .packets(key: RTMPPacketisation.key) { RTMPPacketisation($0) }).hop(to: loop)
      .whenSuccess { [self] subscription in
        if isDone { subscription.cancel() } else { self.subscription = subscription }
      }
  }

  func stop() {
    isDone = true
    connection = nil
    subscription?.cancel()
    subscription = nil
  }

  /// A paused player is sent nothing; afterwards it begins with a key frame.
  func pause(_ paused: Bool) { isPaused = paused }

  // MARK: StreamReader

  func streamStarted(_ description: StreamDescription) {
    // Without pictures there is no key frame to wait for.
    if !isStarted, !description.tracks.contains(where: \.codec.isVideo) { gate = ReaderGate(startsAtKey: false) }
    isStarted = true
  }

  func receive(_ delivery: Delivery) {
    guard let connection else { return }
    let writable = connection.isWritable
    if writable { lastProgress = delivery.arrival }
    guard let bytes = gate.admit(delivery, writable: writable && !isPaused) else {
      meter.dropped(frames: delivery.unitCount)
      return
    }
    guard bytes.readableBytes > 0 else { return }
    connection.send(bytes)
    meter.sent(bytes: bytes.readableBytes, packets: nil, frames: delivery.unitCount)
  }

  func streamInterrupted(at: BootTime) {}

  func streamEnded(_ reason: Fault) {
    connection?.streamEnded()
  }

  // MARK: Watching

  func sweep(at now: BootTime) {
    if connection?.isWritable == true { lastProgress = max(lastProgress, now) }
    roundTripIn -= 1
    if roundTripIn <= 0 {
      roundTripIn = 5
      connection?.roundTrip { [weak self] in self?.meter.roundTrip($0, method: "tcp-info") }
    }
    guard gate.drops > warnedDrops, !isPaused else { return }
    warnedDrops = gate.drops
    context.logger.warning(
      "player too slow: dropped to the next key frame",
      metadata: [
        "stream": "\(name)", "remote": "\(remoteAddress)", "times": "\(gate.drops)", "frames": "\(gate.droppedUnits)",
        "bytes": "\(gate.droppedBytes)",
      ])
  }

  func snapshot(at: BootTime) -> ReaderSnapshot? {
    ReaderSnapshot(mediaProtocol: .rtmp, remoteAddress: remoteAddress, keyName: keyName, since: since, outbound: meter.quality)
  }
}

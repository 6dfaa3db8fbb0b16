internal import Hub
internal import Model
internal import NIOCore

/// One stream's reader: every unit goes into the spool at once and into the hands of the muxers once a second.
///
/// `@unchecked Sendable`: everything mutable is touched on ``loop`` alone, the stream's own: a unit is spooled before any reader is sent it.
final class Recorder: StreamReader, @unchecked Sendable {
  let loop: any EventLoop
  let recording: StreamRecording
  let chain: SpoolChain
  private let spool: SpoolWriter
  private let clock: any NodeClock
  private let ended: @Sendable (Recorder) -> Void
  private var items: [RecordedItem] = []
  private var position: UInt64 = 0
  private var subscription: Subscription?
  private(set) var isClosed = false

  /// - Parameter ended: called once, on the loop, when the stream's name is free again.
  init(recording: StreamRecording, spool: SpoolWriter, clock: any NodeClock, loop: any EventLoop, ended: @escaping @Sendable (Recorder) -> Void) {
    self.recording = recording
    self.spool = spool
    chain = spool.chain
    self.clock = clock
    self.loop = loop
    self.ended = ended
  }

  /// The hub's handle; cancelled at once when the stream has ended meanwhile.
  func joined(_ subscription: Subscription) {
    if isClosed { subscription.cancel() } else { self.subscription = subscription }
  }

  // MARK: StreamReader

  func streamStarted(_ description: StreamDescription) { keep(.described(RecordedStream(description))) }

  func receive(_ delivery: Delivery) {
    guard !isClosed else { return }
    for unit in delivery.units {
      let item = RecordedItem.unit(RecordedUnit(unit: unit, position: position))
      position &+= 1
      spool.append(item)
      items.append(item)
    }
  }

  func streamInterrupted(at: BootTime) { keep(.interrupted(at)) }

  func streamEnded(_ reason: Fault) { close() }

  private func keep(_ item: RecordedItem) {
    guard !isClosed else { return }
    spool.append(item)
    items.append(item)
  }

  // MARK: The archive

  /// What came since the last call. On the loop.
  func drainItems() -> [RecordedItem] {
    loop.assertInEventLoop()
    spool.drain()
    guard !items.isEmpty else { return [] }
    var fresh: [RecordedItem] = []
    fresh.reserveCapacity(items.count)
    swap(&fresh, &items)
    return fresh
  }

  /// Ends the recording of this stream, as its end does. On the loop.
  func close() {
    loop.assertInEventLoop()
    guard !isClosed else { return }
    keep(.ended(clock.bootTime()))
    isClosed = true
    spool.close()
    subscription?.cancel()
    subscription = nil
    ended(self)
  }

  /// As a killed process would: nothing more is kept or spooled.
  func abandon() {
    isClosed = true
    subscription?.cancel()
    subscription = nil
    items = []
  }
}

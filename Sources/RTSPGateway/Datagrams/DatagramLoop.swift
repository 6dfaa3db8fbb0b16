internal import CLinux
internal import Glibc
internal import Logging
internal import Model
internal import NIOConcurrencyHelpers
internal import Wire

/// The one thread that receives all UDP media: NIO's datagram channel passes no kernel stamps (architecture.md, decision 8).
///
/// `@unchecked Sendable`: `sockets`, `nextKey` and `clockState` are touched on the loop's own thread only; the inbox is locked.
final class DatagramLoop: @unchecked Sendable {
  private struct Socket {
    let descriptor: Int32
    let pair: DatagramPair
    let receiver: any DatagramReceiver
    let track: Int
    let isRTCP: Bool
  }

  private struct Inbox {
    var tasks: [@Sendable () -> Void] = []
    var isClosed = false
  }

  /// Longest datagram taken whole: a jumbo frame.
  private static let slot = 9216
  private static let bellKey: UInt64 = 0

  private let clock: any NodeClock
  private let logger: Logger
  private let poll: Int32
  private let bell: Int32
  private let inbox = NIOLockedValueBox(Inbox())
  private var sockets: [UInt64: Socket] = [:]
  private var nextKey: UInt64 = 1
  private var stopped = false

  init(clock: any NodeClock, logger: Logger) throws(Fault) {
    self.clock = clock
    self.logger = logger
    poll = ff_poll_create()
    bell = ff_bell_create()
    guard poll >= 0, bell >= 0, ff_poll_add(poll, bell, DatagramLoop.bellKey) == 0 else {
      throw Fault(.transportUnsupported, "the datagram loop cannot be made")
    }
    try start()
  }

  deinit {
    close(poll)
    close(bell)
  }

  private func start() throws(Fault) {
    guard OwnThread.start("ff-datagrams", { self.run() }) else {
      throw Fault(.transportUnsupported, "no thread for the datagram loop")
    }
  }

  // MARK: From any thread

  /// Runs a body on the loop's thread; false, and it never runs, when the loop has stopped.
  @discardableResult
  func execute(_ body: @escaping @Sendable () -> Void) -> Bool {
    let (accepted, first) = inbox.withLockedValue { inbox -> (Bool, Bool) in
      guard !inbox.isClosed else { return (false, false) }
      inbox.tasks.append(body)
      return (true, inbox.tasks.count == 1)
    }
    if first { ff_bell_ring(bell) }
    return accepted
  }

  /// Gives a pair's datagrams to a receiver from now on. RTCP only, when the RTP socket is for sending alone: then its datagrams, which
  /// only open a NAT, still come, marked as RTP.
  func add(_ pair: DatagramPair, track: Int, receiver: any DatagramReceiver) {
    execute { [self] in
      insert(Socket(descriptor: pair.rtp, pair: pair, receiver: receiver, track: track, isRTCP: false))
      insert(Socket(descriptor: pair.rtcp, pair: pair, receiver: receiver, track: track, isRTCP: true))
    }
  }

  /// Lets a receiver's sockets go.
  func remove(_ receiver: any DatagramReceiver) {
    execute { [self] in
      for (key, socket) in sockets where socket.receiver === receiver {
        _ = ff_poll_remove(poll, socket.descriptor)
        sockets[key] = nil
      }
    }
  }

  func stop() { execute { [self] in stopped = true } }

  // MARK: On the loop's thread

  private func insert(_ socket: Socket) {
    let key = nextKey
    nextKey &+= 1
    guard ff_poll_add(poll, socket.descriptor, key) == 0 else {
      logger.error("UDP socket cannot be watched", metadata: ["port": "\(socket.pair.ports.rtp)"])
      return
    }
    sockets[key] = socket
  }

  private func run() {
    let slab = UnsafeMutablePointer<UInt8>.allocate(capacity: DatagramLoop.slot * Int(FF_BATCH))
    let heads = UnsafeMutablePointer<ff_datagram>.allocate(capacity: Int(FF_BATCH))
    heads.initialize(repeating: ff_datagram(), count: Int(FF_BATCH))
    let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
    defer {
      slab.deallocate()
      heads.deallocate()
      keys.deallocate()
    }
    var arrivals = ArrivalClock(clock.tightReading())
    while !stopped {
      let ready = ff_poll_wait(poll, keys, 256, 1000)
      let step = arrivals.begin(clock.tightReading())
      if let step { tellStep(step, at: arrivals.roundTime) }
      guard ready > 0 else { continue }
      round(UnsafeBufferPointer(start: keys, count: Int(ready)), slab, heads, &arrivals)
    }
    inbox.withLockedValue { inbox in
      inbox.isClosed = true
      inbox.tasks = []
    }
    sockets = [:]
  }

  private func round(
    _ ready: UnsafeBufferPointer<UInt64>, _ slab: UnsafeMutablePointer<UInt8>, _ heads: UnsafeMutablePointer<ff_datagram>,
    _ arrivals: inout ArrivalClock
  ) {
    var touched: [ObjectIdentifier: any DatagramReceiver] = [:]
    var rung = false
    for key in ready {
      if key == DatagramLoop.bellKey {
        rung = true
      } else if let socket = sockets[key], drain(socket, slab, heads, &arrivals) {
        touched[ObjectIdentifier(socket.receiver)] = socket.receiver
      }
    }
    for receiver in touched.values { receiver.roundEnded(at: arrivals.roundTime) }
    if rung { runTasks() }
  }

  /// At most four batches a round, so that one flood does not starve the others.
  private func drain(
    _ socket: Socket, _ slab: UnsafeMutablePointer<UInt8>, _ heads: UnsafeMutablePointer<ff_datagram>, _ arrivals: inout ArrivalClock
  ) -> Bool {
    var any = false
    for _ in 0..<4 {
      let count = Int(ff_receive(socket.descriptor, slab, DatagramLoop.slot, heads, FF_BATCH))
      // An ICMP error that a send brought back (ECONNREFUSED) is told once and is no reason to stop.
      guard count > 0 else { return any }
      any = true
      let now = clock.bootTime()
      for index in 0..<count where heads[index].truncated == 0 {
        let arrival = arrivals.arrival(kernelNanoseconds: heads[index].kernel_ns, read: now)
        socket.receiver.receive(
          Datagram(
            bytes: UnsafeRawBufferPointer(start: slab + index * DatagramLoop.slot, count: Int(heads[index].length)),
            source: PeerAddress(heads[index].address, length: heads[index].address_length), track: socket.track, isRTCP: socket.isRTCP,
            arrival: arrival, lag: now - arrival, overflows: heads[index].overflows))
      }
      if count < Int(FF_BATCH) { return true }
    }
    return any
  }

  private func tellStep(_ step: Nanoseconds, at now: BootTime) {
    logger.warning("\(Fault(.clockStepped, "\(step.milliseconds) ms"))")
    var told: Set<ObjectIdentifier> = []
    for socket in sockets.values where told.insert(ObjectIdentifier(socket.receiver)).inserted {
      socket.receiver.clockStepped(by: step, at: now)
    }
  }

  private func runTasks() {
    ff_bell_answer(bell)
    let tasks = inbox.withLockedValue { inbox in
      let tasks = inbox.tasks
      inbox.tasks = []
      return tasks
    }
    for task in tasks { task() }
  }
}

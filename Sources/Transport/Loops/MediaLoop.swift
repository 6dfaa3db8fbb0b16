internal import CLinux
public import Dispatch
internal import Glibc
public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import Synchronization

/// One thread that waits for sockets, timers and tasks: an event loop for media connections and datagram sockets (docs/transport.md).
///
/// Our own because forwarding was measured on NIO's: of 1.13 ms a second and stream (N = 50, RTSP/TCP, a reader each; the floor 0.37) about a
/// quarter was the channel's read path, its buffer pool and the loop's own round. Here a ready socket costs one receive into storage that is
/// used again, and one call of its receiver. Everything else of NIO's stays: futures, tasks and timers are scheduled on this loop as on any other.
///
/// `@unchecked Sendable`: what is mutable is touched on the loop's thread only, but for the inbox, which is locked.
public final class MediaLoop: EventLoop, @unchecked Sendable {
  private struct Inbox {
    var tasks: [@Sendable () -> Void] = []
    var isOver = false
  }

  /// What a socket that the loop waits for belongs to.
  private enum Owner {
    case channel(MediaChannel)
    case dial(Dial)
    case datagrams(WatchedSocket)
  }

  private struct Slot {
    /// Nil while the slot is free.
    var owner: Owner?
    /// Part of the socket's key, so that what epoll still reports of an earlier owner does not reach the next.
    var generation: UInt32 = 0
  }

  /// The eventfd's key, which is no slot's.
  private static let wakeKey = UInt64.max
  /// Room that a receive finds at least. Storage is a little more, for what a receiver left.
  private static let room = 64 << 10
  /// How often the clocks are read while datagram sockets are watched and nothing comes.
  private static let clockInterval = TimeAmount.seconds(1)

  private let epoll: CInt
  /// Signalled to end a wait of the thread's.
  private let wake: CInt
  private let clock: any NodeClock
  private let logger: Logger
  private let inbox = NIOLockedValueBox(Inbox())
  /// Whether the inbox has tasks, so that a round without any takes no lock.
  private let hasTasks = Atomic(false)
  /// The thread sleeps, or is about to: whoever adds a task wakes it.
  private let isAsleep = Atomic(false)
  /// Set once, before `init` returns.
  private var thread = pthread_t()
  private var timers = TimerHeap()
  /// When this round began: read once a round, near enough for timers.
  private var roundBegan = NIODeadline.now()
  private var slots: [Slot] = []
  private var free: [Int] = []
  /// Made with the first datagram socket: a loop of TCP alone pays nothing for it.
  private var datagrams: DatagramReception?
  /// When the clocks are read next if no datagram comes before.
  private var nextClockReading = NIODeadline.now()
  private var isStopping = false
  private var stopped: [@Sendable () -> Void] = []

  /// - Parameters:
  ///   - clock: what datagrams' arrivals are told in; tests bring their own.
  ///   - logger: for steps of the wall clock.
  /// - Throws: ``FaultCode/transportUnsupported`` when the kernel has no descriptor or thread left.
  public init(clock: any NodeClock = SystemClock(), logger: Logger = MediaLoops.usualLogger) throws(Fault) {
    self.clock = clock
    self.logger = logger
    epoll = ff_epoll_create()
    wake = ff_eventfd_create()
    guard epoll >= 0, wake >= 0, ff_epoll_add(epoll, wake, MediaLoop.wakeKey, FF_READABLE) == 0 else {
      throw Fault(.transportUnsupported, "a media loop cannot be made: no descriptors")
    }
    let started = DispatchSemaphore(value: 0)
    let isStarted = OwnThread.start("ff-media") {
      self.thread = pthread_self()
      started.signal()
      self.run()
    }
    guard isStarted else { throw Fault(.transportUnsupported, "no thread for a media loop") }
    started.wait()
  }

  deinit {
    _ = Glibc.close(epoll)
    _ = Glibc.close(wake)
  }

  // MARK: EventLoop

  /// Whether the caller runs on the loop's thread.
  public var inEventLoop: Bool { pthread_equal(pthread_self(), thread) != 0 }

  /// Traps off the loop.
  public func preconditionInEventLoop(file: StaticString, line: UInt) { precondition(inEventLoop, "not on the loop", file: file, line: line) }

  /// Traps on the loop.
  public func preconditionNotInEventLoop(file: StaticString, line: UInt) { precondition(!inEventLoop, "on the loop", file: file, line: line) }

  /// Runs a task after what the loop does now. Once the loop has stopped it never runs.
  public func execute(_ task: @escaping @Sendable () -> Void) { _ = enqueue(task) }

  /// Returns whether it will run: not once the loop has stopped.
  func enqueue(_ task: @escaping @Sendable () -> Void) -> Bool {
    let isAccepted = inbox.withLockedValue { inbox in
      guard !inbox.isOver else { return false }
      inbox.tasks.append(task)
      return true
    }
    guard isAccepted else { return false }
    // This side stores that there is a task and then looks whether the thread sleeps; the thread stores that it will sleep and then looks for
    // tasks. One of the two sees the other.
    hasTasks.store(true, ordering: .sequentiallyConsistent)
    if isAsleep.load(ordering: .sequentiallyConsistent), isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
      ff_eventfd_signal(wake)
    }
    return true
  }

  /// Runs a task in the first round that begins after the deadline. A loop that stops fails it with `shutdown`.
  public func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
    let promise = makePromise(of: T.self)
    let timer = TimerHeap.Timer(deadline: deadline) { isDue in
      guard isDue else { return promise.fail(EventLoopError.shutdown) }
      do { promise.assumeIsolated().succeed(try task()) } catch { promise.fail(error) }
    }
    onLoop { loop in loop.insert(timer) }
    return Scheduled(promise: promise) { [self] in onLoop { _ in timer.body = nil } }
  }

  /// Runs a task in the first round that begins after the delay. A loop that stops fails it with `shutdown`.
  public func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
    scheduleTask(deadline: .now() + delay, task)
  }

  /// On the loop. A loop that is stopping fires it at once, as not due.
  func insert(_ timer: TimerHeap.Timer) {
    if isStopping { timer.fire(isDue: false) } else { timers.insert(timer) }
  }

  private func onLoop(_ body: @escaping @Sendable (MediaLoop) -> Void) {
    if inEventLoop { body(self) } else { execute { body(self) } }
  }

  /// This loop: it is a group of one.
  public func next() -> any EventLoop { self }
  /// This loop alone.
  public func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

  /// Closes every channel and ends the thread; `callback` is given no error.
  public func shutdownGracefully(queue: DispatchQueue, _ callback: @Sendable @escaping ((any Error)?) -> Void) {
    stop { queue.async { callback(nil) } }
  }

  /// Closes every channel, lets every datagram socket go, drops the timers, and ends the thread. `done` is called on that thread as the last, or
  /// here when it has ended before.
  func stop(_ done: @escaping @Sendable () -> Void) {
    let isAccepted = enqueue { [self] in
      isStopping = true
      stopped.append(done)
    }
    if !isAccepted { done() }
  }

  // MARK: The thread

  private func run() {
    var buffer = ByteBufferAllocator().buffer(capacity: MediaLoop.room * 5 / 4)
    let ready = UnsafeMutableBufferPointer<ff_ready>.allocate(capacity: 256)
    defer { ready.deallocate() }
    while !isStopping {
      let count = ff_epoll_wait(epoll, ready.baseAddress, CInt(ready.count), timeout())
      isAsleep.store(false, ordering: .relaxed)
      roundBegan = .now()
      guard count >= 0 else { break }
      for index in 0..<Int(count) { handle(ready[index], &buffer) }
      if let datagrams { endRound(datagrams) }
      runTimers()
      runTasks()
    }
    end()
  }

  /// How long to wait, in nanoseconds; below 0 for ever. Decides to sleep such that no task is overlooked.
  private func timeout() -> Int64 {
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    if hasTasks.load(ordering: .sequentiallyConsistent) { return 0 }
    var next = timers.next
    if let datagrams, datagrams.isInUse { next = min(next ?? nextClockReading, nextClockReading) }
    return next.map { max(0, ($0 - roundBegan).nanoseconds) } ?? -1
  }

  private func handle(_ ready: ff_ready, _ buffer: inout ByteBuffer) {
    guard ready.key != MediaLoop.wakeKey else { return ff_eventfd_drain(wake) }
    let index = Int(ready.key & 0xFFFF_FFFF)
    guard index < slots.count, slots[index].generation == UInt32(ready.key >> 32) else { return }
    switch slots[index].owner {
    case .channel(let channel):
      if ready.writable != 0 { channel.canWrite() }
      if ready.readable != 0 { channel.canRead(&buffer, room: MediaLoop.room) }
    case .datagrams(let watched): datagrams?.receive(watched)
    case .dial(let dial): dial.isReady()
    case nil: break
    }
  }

  private func endRound(_ datagrams: DatagramReception) {
    if datagrams.isInUse, roundBegan >= nextClockReading { datagrams.readClocks() }
    if datagrams.endRound() { nextClockReading = roundBegan + MediaLoop.clockInterval }
  }

  private func runTimers() {
    guard let next = timers.next, next <= roundBegan else { return }
    while let timer = timers.removeDue(at: roundBegan) { timer.fire(isDue: true) }
  }

  private func runTasks() {
    guard hasTasks.exchange(false, ordering: .sequentiallyConsistent) else { return }
    let tasks = inbox.withLockedValue { inbox -> [@Sendable () -> Void] in
      defer { inbox.tasks = [] }
      return inbox.tasks
    }
    for task in tasks { task() }
  }

  private func end() {
    isStopping = true
    for slot in slots {
      switch slot.owner {
      case .channel(let channel): channel.close0(error: ChannelError.ioOnClosedChannel, mode: .all, promise: nil)
      case .datagrams(let watched): datagrams?.remove(watched)
      // Ends by its deadline's timer.
      case .dial, nil: break
      }
    }
    for timer in timers.removeAll() { timer.fire(isDue: false) }
    // What these closings caused, and what that causes in turn; then no more tasks are accepted.
    for _ in 0..<64 { runTasks() }
    let last = inbox.withLockedValue { inbox -> [@Sendable () -> Void] in
      inbox.isOver = true
      defer { inbox.tasks = [] }
      return inbox.tasks
    }
    for task in last { task() }
    slots = []
    for done in stopped { done() }
    stopped = []
  }

  // MARK: Sockets

  /// Waits for a channel's socket from now on; nil, and nothing is changed, when the kernel refuses or the loop is stopping.
  func add(_ channel: MediaChannel, _ descriptor: CInt) -> UInt64? { add(.channel(channel), descriptor, FF_READABLE) }

  /// Waits until a socket that is being connected is, or has failed.
  func add(_ dial: Dial, _ descriptor: CInt) -> UInt64? { add(.dial(dial), descriptor, FF_WRITABLE) }

  private func add(_ owner: Owner, _ descriptor: CInt, _ interest: CInt) -> UInt64? {
    guard !isStopping else { return nil }
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    let key = UInt64(slots[index].generation) << 32 | UInt64(index)
    guard ff_epoll_add(epoll, descriptor, key, interest) == 0 else {
      free.append(index)
      return nil
    }
    slots[index].owner = owner
    return key
  }

  /// Before the descriptor is closed.
  func remove(_ key: UInt64, _ descriptor: CInt) {
    guard let index = index(of: key) else { return }
    _ = ff_epoll_remove(epoll, descriptor)
    slots[index] = Slot(owner: nil, generation: slots[index].generation &+ 1)
    free.append(index)
  }

  func change(_ key: UInt64, _ descriptor: CInt, writable: Bool) {
    _ = ff_epoll_change(epoll, descriptor, key, writable ? FF_READABLE | FF_WRITABLE : FF_READABLE)
  }

  /// Nil when the slot is another's by now.
  private func index(of key: UInt64) -> Int? {
    let index = Int(key & 0xFFFF_FFFF)
    return index < slots.count && slots[index].generation == UInt32(key >> 32) ? index : nil
  }
}

// MARK: - Datagrams

extension MediaLoop {
  /// Gives a socket's datagrams to a receiver from now on. On the loop. A socket may be watched by several loops, once by each; a receiver may have
  /// many sockets.
  /// - Parameter flow: comes back with each datagram, to tell the receiver's sockets from each other.
  /// - Throws: ``FaultCode/transportUnsupported`` when the kernel refuses, the loop watches the socket already, or the loop has stopped.
  public func watch(_ socket: DatagramSocket, flow: Int, receiver: any DatagramReceiver) throws(Fault) -> DatagramWatch {
    assertInEventLoop()
    let reception = datagrams ?? DatagramReception(clock: clock, logger: logger)
    datagrams = reception
    if !reception.isInUse { nextClockReading = .now() + MediaLoop.clockInterval }
    let watched = reception.add(socket, flow: flow, receiver: receiver)
    guard let key = add(.datagrams(watched), socket.descriptor, FF_READABLE) else {
      reception.remove(watched)
      throw Fault(.transportUnsupported, "UDP \(socket.address) cannot be watched")
    }
    return DatagramWatch(loop: ObjectIdentifier(self), key: key)
  }

  /// Gives both sockets of a pair to a receiver from now on. On the loop.
  /// - Throws: as ``watch(_:flow:receiver:)``; then neither is watched.
  public func watch(
    _ pair: DatagramSocketPair, rtpFlow: Int, rtcpFlow: Int, receiver: any DatagramReceiver
  ) throws(Fault) -> (rtp: DatagramWatch, rtcp: DatagramWatch) {
    let rtp = try watch(pair.rtp, flow: rtpFlow, receiver: receiver)
    do {
      return (rtp, try watch(pair.rtcp, flow: rtcpFlow, receiver: receiver))
    } catch {
      unwatch(rtp)
      throw error
    }
  }

  /// Lets a socket and its receiver go: on the loop at once, and nothing more is received; from elsewhere after what the loop does now. Once more
  /// does no harm.
  public func unwatch(_ watch: DatagramWatch) {
    guard watch.loop == ObjectIdentifier(self) else { return }
    onLoop { loop in
      guard let index = loop.index(of: watch.key), case .datagrams(let watched) = loop.slots[index].owner else { return }
      loop.datagrams?.remove(watched)
      loop.remove(watch.key, watched.socket.descriptor)
    }
  }
}

internal import CLinux
public import Dispatch
internal import Glibc
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore
internal import Synchronization

/// One thread that waits for sockets, timers and tasks: an event loop for media connections.
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

  private struct Slot {
    var channel: MediaChannel?
    /// Told apart from what an earlier holder of the slot still had coming.
    var generation: UInt32 = 0
  }

  private static let bellKey = UInt64.max
  /// Room that a receive finds at least. Storage is a little more, for what a receiver left.
  private static let room = 64 << 10

  private let poll: CInt
  private let bell: CInt
  private let inbox = NIOLockedValueBox(Inbox())
  /// Whether the inbox has tasks, so that a round without any takes no lock.
  private let hasTasks = Atomic(false)
  /// The thread sleeps, or is about to: whoever adds a task rings.
  private let isAsleep = Atomic(false)
  /// Set once, before `init` returns.
  private var thread = pthread_t()
  private var timers = TimerHeap()
  /// When this round began: read once a round, near enough for timers.
  private var roundBegan = NIODeadline.now()
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var isStopping = false
  private var stopped: [@Sendable () -> Void] = []

  /// Throws ``FaultCode/transportUnsupported`` when the kernel has no descriptor or thread left.
  public init() throws(Fault) {
    poll = ff_poll_create()
    bell = ff_bell_create()
    guard poll >= 0, bell >= 0, ff_poll_add(poll, bell, MediaLoop.bellKey) == 0 else {
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
    _ = Glibc.close(poll)
    _ = Glibc.close(bell)
  }

  // MARK: EventLoop

  public var inEventLoop: Bool { pthread_equal(pthread_self(), thread) != 0 }

  public func preconditionInEventLoop(file: StaticString, line: UInt) { precondition(inEventLoop, "not on the loop", file: file, line: line) }

  public func preconditionNotInEventLoop(file: StaticString, line: UInt) { precondition(!inEventLoop, "on the loop", file: file, line: line) }

  /// Runs a task after what the loop does now. Once the loop has stopped it never runs.
  public func execute(_ task: @escaping @Sendable () -> Void) { _ = enqueue(task) }

  /// Returns whether it will run.
  private func enqueue(_ task: @escaping @Sendable () -> Void) -> Bool {
    let isTaken = inbox.withLockedValue { inbox in
      guard !inbox.isOver else { return false }
      inbox.tasks.append(task)
      return true
    }
    guard isTaken else { return false }
    // Told before the look at whether the thread sleeps, as it tells that it will before it looks for tasks: one of the two sees the other.
    hasTasks.store(true, ordering: .sequentiallyConsistent)
    if isAsleep.load(ordering: .sequentiallyConsistent), isAsleep.exchange(false, ordering: .sequentiallyConsistent) { ff_bell_ring(bell) }
    return true
  }

  public func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
    let promise = makePromise(of: T.self)
    let timer = TimerHeap.Timer(deadline: deadline) { isDue in
      guard isDue else { return promise.fail(EventLoopError.shutdown) }
      do { promise.assumeIsolated().succeed(try task()) } catch { promise.fail(error) }
    }
    onLoop { loop in
      if loop.isStopping { promise.fail(EventLoopError.shutdown) } else { loop.timers.insert(timer) }
    }
    return Scheduled(promise: promise) { [self] in onLoop { _ in timer.body = nil } }
  }

  public func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
    scheduleTask(deadline: .now() + delay, task)
  }

  private func onLoop(_ body: @escaping @Sendable (MediaLoop) -> Void) {
    if inEventLoop { body(self) } else { execute { body(self) } }
  }

  public func next() -> any EventLoop { self }
  public func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

  public func shutdownGracefully(queue: DispatchQueue, _ callback: @Sendable @escaping ((any Error)?) -> Void) {
    stop { queue.async { callback(nil) } }
  }

  /// Closes every channel, drops the timers, and ends the thread. `done` is called on that thread as the last, or here when it has ended before.
  func stop(_ done: @escaping @Sendable () -> Void) {
    let isTaken = enqueue { [self] in
      isStopping = true
      stopped.append(done)
    }
    if !isTaken { done() }
  }

  // MARK: The thread

  private func run() {
    var buffer = ByteBufferAllocator().buffer(capacity: MediaLoop.room * 5 / 4)
    let ready = UnsafeMutableBufferPointer<ff_ready>.allocate(capacity: 256)
    defer { ready.deallocate() }
    while !isStopping {
      let count = ff_poll_wait_ready(poll, ready.baseAddress, CInt(ready.count), patience())
      isAsleep.store(false, ordering: .relaxed)
      roundBegan = .now()
      guard count >= 0 else { break }
      for index in 0..<Int(count) { handle(ready[index], &buffer) }
      runTimers()
      runTasks()
    }
    end()
  }

  /// How long to wait, in nanoseconds; below 0 for ever. Decides to sleep such that no task is overlooked.
  private func patience() -> Int64 {
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    if hasTasks.load(ordering: .sequentiallyConsistent) { return 0 }
    guard let next = timers.next else { return -1 }
    return max(0, (next - roundBegan).nanoseconds)
  }

  private func handle(_ ready: ff_ready, _ buffer: inout ByteBuffer) {
    guard ready.key != MediaLoop.bellKey else { return ff_bell_answer(bell) }
    let index = Int(ready.key & 0xFFFF_FFFF)
    guard index < slots.count, slots[index].generation == UInt32(ready.key >> 32), let channel = slots[index].channel else { return }
    if ready.writable != 0 { channel.canWrite() }
    if ready.readable != 0 { channel.canRead(&buffer, room: MediaLoop.room) }
  }

  private func runTimers() {
    guard let next = timers.next, next <= roundBegan else { return }
    while let timer = timers.takeDue(at: roundBegan) { timer.fire(isDue: true) }
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
    for slot in slots { slot.channel?.close0(error: ChannelError.ioOnClosedChannel, mode: .all, promise: nil) }
    for timer in timers.takeAll() { timer.fire(isDue: false) }
    // What these closings set going, and what that does; then nothing more is taken.
    for _ in 0..<64 { runTasks() }
    let last = inbox.withLockedValue { inbox -> [@Sendable () -> Void] in
      inbox.isOver = true
      defer { inbox.tasks = [] }
      return inbox.tasks
    }
    for task in last { task() }
    for done in stopped { done() }
    stopped = []
  }

  // MARK: Channels

  /// Waits for a channel's socket from now on; nil, and nothing is changed, when the kernel refuses or the loop is stopping.
  func add(_ channel: MediaChannel, _ descriptor: CInt) -> UInt64? {
    guard !isStopping else { return nil }
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot()) }
    let key = UInt64(slots[index].generation) << 32 | UInt64(index)
    guard ff_poll_add(poll, descriptor, key) == 0 else {
      free.append(index)
      return nil
    }
    slots[index].channel = channel
    return key
  }

  func remove(_ key: UInt64, _ descriptor: CInt) {
    let index = Int(key & 0xFFFF_FFFF)
    guard index < slots.count, slots[index].generation == UInt32(key >> 32) else { return }
    _ = ff_poll_remove(poll, descriptor)
    slots[index] = Slot(channel: nil, generation: slots[index].generation &+ 1)
    free.append(index)
  }

  func change(_ key: UInt64, _ descriptor: CInt, writable: Bool) { _ = ff_poll_change(poll, descriptor, key, writable ? 1 : 0) }
}

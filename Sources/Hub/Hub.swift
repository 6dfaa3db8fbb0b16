public import Logging
public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// The hub: every stream of this node by name; where publishers are admitted and readers meet them.
public final class Hub: Sendable {
  private let context: HubContext
  private let nextWaiter = NIOLockedValueBox<UInt64>(0)
  private let watchers = NIOLockedValueBox<[any HubWatcher]>([])
  /// The node's name: origin of all units that are first received here.
  public var node: String { context.node }
  /// One clock for everything of a node.
  public var clock: any NodeClock { context.clock }
  /// Where facts about streams go.
  public var facts: any FactSink { context.facts }
  /// As given; they do not change.
  public var settings: HubSettings { context.settings }

  /// A hub without streams.
  public init(node: String, settings: HubSettings = HubSettings(), clock: any NodeClock, facts: any FactSink, logger: Logger) {
    context = HubContext(node: node, settings: settings, clock: clock, facts: facts, logger: logger)
  }

  /// Admits a publisher or fails with ``FaultCode/streamBusy``. Completes on the stream's loop.
  public func publish(_ request: PublishRequest) -> EventLoopFuture<Publication> {
    onStream(request.name, preferring: request.loop) { [watchers] stream in
      stream.publish(request).map { publication in
        if let description = stream.description {
          for watcher in watchers.withLockedValue({ $0 }) { watcher.streamAdmitted(description) }
        }
        return publication
      }
    }
  }

  /// Whether a publisher would be admitted now, for protocols that answer before they know the tracks: fails with ``FaultCode/streamBusy`` as
  /// ``publish(_:)`` does, which has the last word.
  public func check(_ request: PublishRequest) -> EventLoopFuture<Void> {
    guard let stream = context.find(request.name) else { return request.loop.makeSucceededFuture(()) }
    let answer: @Sendable () -> EventLoopFuture<Void> = { stream.loop.makeCompletedFuture(stream.check(request).mapError { $0 as any Error }) }
    return stream.loop.inEventLoop ? answer() : stream.loop.flatSubmit(answer)
  }

  /// Joins a stream, which need not be live yet. If it is, its description and GOP cache reach the reader before the future completes.
  public func subscribe(_ reader: any StreamReader, to name: StreamName, form: ReaderForm) -> EventLoopFuture<Subscription> {
    onStream(name, preferring: reader.loop) { stream in
      stream.add(reader, form: form)
      return .success(Subscription(stream: stream, reader: reader))
    }
  }

  /// The stream's description once it is live and its video parameters are known; nil at the deadline.
  public func description(of name: StreamName, until deadline: NIODeadline, on loop: any EventLoop) -> EventLoopFuture<StreamDescription?> {
    let id = nextWaiter.withLockedValue { last in
      last &+= 1
      return last
    }
    return onStream(name, preferring: loop) { .success($0.awaitDescription(id: id, until: deadline)) }.flatMap { $0 }.hop(to: loop)
  }

  /// Ends a publication by order of an operator.
  public func kick(_ name: StreamName, reason: Fault) {
    guard let stream = context.find(name) else { return }
    stream.loop.execute { stream.kick(reason) }
  }

  /// Every stream's figures, sorted by name.
  public func snapshots() async throws -> [StreamSnapshot] {
    var all: [StreamSnapshot] = []
    for stream in context.all { all.append(try await stream.loop.flatSubmit { stream.snapshot() }.get()) }
    return all.sorted { $0.name < $1.name }
  }

  /// One stream's figures; nil when nobody publishes or waits under that name.
  public func snapshot(of name: StreamName) async throws -> StreamSnapshot? {
    guard let stream = context.find(name) else { return nil }
    return try await stream.loop.flatSubmit { stream.snapshot() }.get()
  }

  /// Once a second, by the composition root's timer: lets every publication fold its counters.
  public func tick() {
    let now = context.clock.bootTime()
    var byLoop: [ObjectIdentifier: (loop: any EventLoop, streams: [LiveStream])] = [:]
    for stream in context.all {
      byLoop[ObjectIdentifier(stream.loop), default: (stream.loop, [])].streams.append(stream)
    }
    for (_, group) in byLoop {
      let streams = group.streams
      group.loop.execute { for stream in streams { stream.tick(at: now) } }
    }
  }

  /// Takes up the newest epoch that the journal names: after a restart with the wall clock set back, new publications are still newer than those before.
  public func resumeEpochs(from facts: [Fact]) {
    var newest: Int64 = 0
    // By its key: an epoch counts whatever else its fact lacks.
    for fact in facts where StreamStartedFact.kinds.contains(fact.kind) { newest = max(newest, fact["epoch"]?.intValue ?? 0) }
    context.raiseEpochs(above: UInt64(clamping: newest))
  }

  /// From now on a watcher is called for every publication that is admitted, on the stream's loop: how the archive and the uplinks find streams.
  public func watch(_ watcher: any HubWatcher) { watchers.withLockedValue { $0.append(watcher) } }

  /// Runs `body` on the stream's loop, on the object that the registry holds then.
  private func onStream<T: Sendable>(
    _ name: StreamName, preferring loop: any EventLoop, _ body: @escaping @Sendable (LiveStream) -> Result<T, Fault>
  ) -> EventLoopFuture<T> {
    let stream = context.findOrMake(name, on: loop)
    let attempt: @Sendable () -> EventLoopFuture<T> = { [self] in
      if stream.retired { return onStream(name, preferring: loop, body) }
      switch body(stream) {
      case .success(let value): return stream.loop.makeSucceededFuture(value)
      case .failure(let fault): return stream.loop.makeFailedFuture(fault)
      }
    }
    return stream.loop.inEventLoop ? attempt() : stream.loop.flatSubmit(attempt)
  }
}

/// Wants to know which streams are admitted.
public protocol HubWatcher: AnyObject, Sendable {
  /// Called on the stream's loop at each admission, also when a publisher resumed (`continues`).
  func streamAdmitted(_ description: StreamDescription)
}

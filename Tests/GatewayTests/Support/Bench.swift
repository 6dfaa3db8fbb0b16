import FirstFrameTesting
import Gateway
import Hub
import Logging
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import Transport

/// A hub, the environment of its gateways, and loops of their own; the clock is the test's.
final class Bench: Sendable {
  /// What a test's bench differs in.
  struct Options {
    var hub = HubSettings()
    var authority: any GatewayAuthority = OpenAuthority()
    var measuring = SessionMeasuring()
    var loops = 1
  }

  static let name = StreamName("live/cam1")!  // A valid name.
  let clock = HandClock()
  let facts = FactList()
  let hub: Hub
  let loops: MediaLoops
  let environment: GatewayEnvironment
  /// What the gateways logged.
  let log: NIOLockedValueBox<[String]>
  /// Those that an operator must look at.
  var warnings: [String] { log.withLockedValue { $0.filter { $0.hasPrefix("warning") || $0.hasPrefix("error") } } }
  /// Where connections live unless the test says otherwise.
  var loop: MediaLoop { loops.loops[0] }

  private init(_ options: Options) throws {
    loops = try MediaLoops(count: options.loops)
    let log = NIOLockedValueBox<[String]>([])
    self.log = log
    let logger = Logger(label: "test") { _ in LogKeeper(lines: log) }
    hub = Hub(node: "here", settings: options.hub, clock: clock, facts: facts, logger: logger)
    environment = GatewayEnvironment(
      hub: hub, authority: options.authority, measuring: options.measuring, loops: loops, logger: logger)
  }

  static func with(_ change: (inout Options) -> Void = { _ in }, _ body: (Bench) async throws -> Void) async throws {
    var options = Options()
    options.hub.secondPublisher = .refuse
    change(&options)
    let bench = try Bench(options)
    do {
      try await body(bench)
      try await bench.loops.shutdownGracefully()
    } catch {
      try await bench.loops.shutdownGracefully()
      throw error
    }
  }

  /// Runs a body on the loop of the connections.
  func on<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T { try await loop.submit(body).get() }

  /// Returns once what the loops had to do, and what that gave them to do, is done.
  func settle() async throws {
    for _ in 0..<4 { for loop in loops.loops { try await loop.submit {}.get() } }
  }

  /// A connection with the test's delegate.
  func line() async throws -> Line { try await Line.make(on: self) }

  /// A publisher with a connection of its own.
  func publisher(_ intake: ToyIntake = ToyIntake(), _ change: (inout PublisherPlan) -> Void = { _ in }) async throws -> ToyPublisher {
    var plan = PublisherPlan(name: Bench.name, mediaProtocol: .rtmp, grant: AccessGrant(keyName: "crew"))
    change(&plan)
    let publisher = ToyPublisher(plan, intake, try await line(), self)
    // The session begins now by the test's clock.
    try await on { _ = publisher.session }
    return publisher
  }

  /// A reader of units on the connections' loop.
  func keeper(_ form: ReaderForm = .units, on loop: MediaLoop? = nil) async throws -> Keeper {
    let keeper = Keeper(loop ?? self.loop)
    _ = try await hub.subscribe(keeper, to: Bench.name, form: form).get()
    return keeper
  }
}

/// Keeps what is logged.
struct LogKeeper: LogHandler {
  let lines: NIOLockedValueBox<[String]>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { lines.withLockedValue { $0.append("\(event.level): \(event.message)") } }
}

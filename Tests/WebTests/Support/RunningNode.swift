import Command
import FirstFrameTesting
import Foundation
import Hub
import Journal
import Logging
import Measure
import Model
import NIOCore
import NIOPosix
import Testing

@testable import Web

/// A web server on a port of its own, before a real journal, hub and desks in a folder of their own.
final class RunningNode: Sendable {
  static let policy: JSON = [
    "id": "thirty-minute", "version": 1, "title": "t", "kind": "response", "limitNs": 1_800_000_000_000, "warningsAtMinutes": [20, 25],
    "eligibleClasses": ["soloKit"], "acceptedGrades": ["decoded"],
    "sources": ["limitNs": "x", "warningsAtMinutes": "x", "eligibleClasses": "x", "acceptedGrades": "x", "secondPictureWithinNs": "x"],
  ]
  static let connectionPolicy: JSON = [
    "id": "connection", "version": 1, "title": "联通率", "kind": "connection", "limitNs": 60_000_000_000, "eligibleClasses": ["soloKit"],
    "source": "test",
  ]
  /// What a person may call a device: with everything that means something in HTML, and a quote under a combining mark.
  static let hostileName = "\"><b>机</b>\"\u{301} onload=x &amp;'"

  let folder: TemporaryFolder
  let journal: Journal
  let hub: Hub
  let desk: IncidentDesk
  let authority = TableAuthority()
  let server: WebServer
  let port: Int
  private let serving: Task<Void, any Error>
  private let feeding: Task<Void, Never>

  var client: HTTPClient { HTTPClient(port: port) }
  var address: String { "http://127.0.0.1:\(port)" }

  /// - Parameter port: 0 takes one that is free.
  init(
    links: StubLinks = StubLinks(), limits: EventLimits = EventLimits(), health: NodeHealth = NodeHealth(), ownHosts: [String]? = nil,
    admission: ConnectionGuard? = nil, port: Int = 0
  ) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    folder = try TemporaryFolder()
    let clock = SystemClock()
    journal = try Journal.open(dataFolder: folder.path, node: "county", identity: .temporary(), version: "test", clock: clock)
    hub = Hub(node: "county", clock: clock, facts: journal, logger: logger)
    let register = DeviceRegister([
      RegisteredDevice(name: "单兵01", stream: try #require(StreamName("live/solo01")), deviceClass: .soloKit),
      RegisteredDevice(name: RunningNode.hostileName, stream: try #require(StreamName("live/body01")), deviceClass: .bodycam),
    ])
    let office = DeskEnvironment(
      hub: hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: StubDecoder(), register: register, dataFolder: folder.path,
      logger: logger)
    let desk = IncidentDesk(office, policy: try Policy(RunningNode.policy), upper: .none)
    self.desk = desk
    let facts = journal.subscribe()
    feeding = Task {
      for await fact in facts { for consumer in desk.consumers where consumer.kinds.contains(fact.kind) { await consumer.apply(fact) } }
    }
    var environment = WebEnvironment(
      node: WebNode(name: "county", role: "county", version: "0.0", dataFolder: folder.path, clock: clock, devices: register.devices),
      authority: authority, streams: hub, incidents: desk,
      connections: ConnectionDesk(office, policy: try Policy(RunningNode.connectionPolicy)), facts: journal, archive: StubArchive(), links: links,
      rates: FolderRates(dataFolder: folder.path), inspections: FolderInspections(dataFolder: folder.path), logger: logger)
    environment.eventLimits = limits
    environment.ownHosts = ownHosts
    environment.admission = admission
    environment.health = StubHealth(answer: health)
    let server = WebServer(environment, host: "127.0.0.1", port: port)
    self.server = server
    let (bound, binding) = AsyncThrowingStream<Int, any Error>.makeStream()
    serving = Task {
      do { try await server.run(on: MultiThreadedEventLoopGroup.singleton) { binding.yield($0) } } catch { binding.finish(throwing: error) }
    }
    var found: Int?
    for try await port in bound {
      found = port
      break
    }
    self.port = try #require(found)
  }

  deinit {
    serving.cancel()
    feeding.cancel()
  }

  /// Ends the server; its port is free when this returns.
  func stop() async {
    serving.cancel()
    _ = await serving.result
  }

  // MARK: What happens on the node

  func open(_ title: String, devices: [String] = ["单兵01"]) async throws -> IncidentOutput {
    try await desk.open(OpenRequest(title: title, devices: devices))
  }

  /// Publishes one key unit, which is decoded at once.
  func publish(_ path: String = "live/solo01") async throws -> Publication {
    let name = try #require(StreamName(path))
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))
    let made = try await hub.publish(
      PublishRequest(
        name: name, tracks: [track], mediaProtocol: .rtmp, remoteAddress: "10.0.0.7:1935", keyName: "crew", sharedClock: true,
        loop: MultiThreadedEventLoopGroup.singleton.next(), source: StubPublisher())
    ).get()
    let now = hub.clock.bootTime()
    made.post(
      MediaBatch(
        units: [
          AccessUnit(
            id: AccessUnitID(origin: made.origin, epoch: made.epoch, number: 1), track: 0, pts: MediaTime(value: 3600, timescale: 90_000),
            firstArrival: now, arrival: now, flags: [.key, .clean], payload: ByteBuffer(bytes: [0, 0, 0, 1, 0x65]))
        ], arrival: now))
    return made
  }

  /// An incident whose device has shown its first picture.
  func shown(_ title: String) async throws -> IncidentOutput {
    let opened = try await open(title)
    _ = try await publish()
    try await RunningNode.eventually { try await self.desk.show(opened.id).county.seconds != nil }
    return try await desk.show(opened.id)
  }

  /// A file of the data folder.
  func write(_ path: String, _ bytes: [UInt8]) throws {
    let file = URL(fileURLWithPath: "\(folder.path)/\(path)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  /// Asks until it is so; fails after 20 s.
  static func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while try await !condition() {
      try #require(ContinuousClock.now < end, "not so after 20 s")
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

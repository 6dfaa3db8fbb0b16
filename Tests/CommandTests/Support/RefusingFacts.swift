import FirstFrameTesting
import Hub
import Logging
import Measure
import Model
import NIOPosix
import Synchronization

@testable import Command

/// A disk that refuses commits of the kinds that the test names; what is recorded waits and is there.
final class RefusingFacts: FactSink {
  let list = FactList()
  private let refused = Mutex<Set<String>>([])

  func refuses(_ kinds: Set<String>) { refused.withLock { $0 = kinds } }

  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) { list.record(kind, fields, at: at) }

  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact {
    if refused.withLock({ $0.contains(kind) }) { throw Fault(.diskFull, "test") }
    return try await list.commit(kind, fields, at: at)
  }

  /// A desk of one device that writes to it.
  static func desk(_ facts: RefusingFacts) throws -> IncidentDesk {
    let hub = Hub(node: "test", clock: HandClock(), facts: facts, logger: TwoCentres.logger)
    guard let stream = StreamName("live/solo01") else { throw Fault(.streamNameInvalid, "") }
    let device = RegisteredDevice(name: "单兵01", stream: stream, deviceClass: .soloKit)
    return IncidentDesk(
      DeskEnvironment(
        hub: hub, loop: MultiThreadedEventLoopGroup.singleton.next(), decoder: Eyes(), register: DeviceRegister([device]), dataFolder: "/nowhere",
        logger: TwoCentres.logger), policy: try Policy(TwoCentres.policy), upper: .none)
  }
}

import FirstFrameTesting
import Gateway
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore

/// A publisher session with its transport, as a protocol's connection has them.
///
/// `@unchecked Sendable`: the session is touched on the connection's loop only; what was kept is locked.
final class ToyPublisher: PublisherTransport, @unchecked Sendable {
  private struct Kept {
    var ends: [Fault] = []
    var keyframes: [Int] = []
    var ticks = 0
  }

  private(set) lazy var session = PublisherSession(
    plan, intake: intake, connection: line.connection, environment: bench.environment, transport: self)
  let line: Line
  private let plan: PublisherPlan
  private let intake: ToyIntake
  private let bench: Bench
  private let kept = NIOLockedValueBox(Kept())

  /// Why the session asked for the end of its connection.
  var ends: [FaultCode] { kept.withLockedValue { $0.ends.map(\.code) } }
  /// Tracks of which the session asked for a key frame.
  var keyframes: [Int] { kept.withLockedValue { $0.keyframes } }
  var ticks: Int { kept.withLockedValue { $0.ticks } }

  init(_ plan: PublisherPlan, _ intake: ToyIntake, _ line: Line, _ bench: Bench) {
    self.plan = plan
    self.intake = intake
    self.line = line
    self.bench = bench
  }

  /// A read that brings units, and what else the test changes in the intake.
  func read(_ units: [AccessUnit] = [], _ change: @escaping @Sendable (inout ToyIntake) -> Void = { _ in }) async throws {
    try await bench.on { [self] in readNow(units, change) }
  }

  /// The same, on the loop already.
  func readNow(_ units: [AccessUnit] = [], _ change: (inout ToyIntake) -> Void = { _ in }) {
    session.receive { intake, meter in
      change(&intake)
      for unit in units { intake.add(unit, &meter) }
    }
    session.post(arrival: units.last?.arrival ?? bench.clock.bootTime())
  }

  /// A unit that arrives now.
  func unit(_ number: UInt8, key: Bool = false, size: Int = 10) -> AccessUnit {
    ToyIntake.unit(number, key: key, size: size, at: bench.clock.bootTime())
  }

  // MARK: PublisherTransport

  func end(_ fault: Fault) {
    kept.withLockedValue { $0.ends.append(fault) }
    session.finish(fault)
  }

  func requestKeyframe(track: Int) { kept.withLockedValue { $0.keyframes.append(track) } }
  func publisherTick(at now: BootTime) { kept.withLockedValue { $0.ticks += 1 } }
}

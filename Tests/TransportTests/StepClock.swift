import Logging
import Model
import NIOConcurrencyHelpers

/// The machine's clocks, with a wall clock that a test may step.
final class StepClock: NodeClock {
  private let real = SystemClock()
  private let offset = NIOLockedValueBox(Int64(0))

  var bootID: String { real.bootID }
  func bootTime() -> BootTime { real.bootTime() }
  func wallTime() -> WallTime { WallTime(nanoseconds: real.wallTime().nanoseconds + offset.withLockedValue { $0 }) }
  func step(_ by: Nanoseconds) { offset.withLockedValue { $0 += by.value } }
}

/// Keeps what is logged.
struct LogKeeper: LogHandler {
  let lines: NIOLockedValueBox<[String]>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  /// A logger and where its lines are.
  static func make() -> (Logger, NIOLockedValueBox<[String]>) {
    let lines = NIOLockedValueBox<[String]>([])
    return (Logger(label: "test") { _ in LogKeeper(lines: lines) }, lines)
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { lines.withLockedValue { $0.append("\(event.level): \(event.message)") } }
}

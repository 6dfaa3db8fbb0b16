internal import Logging
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// What every stream of a hub shares.
final class HubContext: Sendable {
  let node: String
  let settings: HubSettings
  let clock: any NodeClock
  let facts: any FactSink
  let logger: Logger
  private let streams = NIOLockedValueBox<[StreamName: LiveStream]>([:])
  private let lastEpoch = NIOLockedValueBox<UInt64>(0)

  init(node: String, settings: HubSettings, clock: any NodeClock, facts: any FactSink, logger: Logger) {
    self.node = node
    self.settings = settings
    self.clock = clock
    self.facts = facts
    self.logger = logger
  }

  var all: [LiveStream] { streams.withLockedValue { Array($0.values) } }

  func find(_ name: StreamName) -> LiveStream? { streams.withLockedValue { $0[name] } }

  func findOrMake(_ name: StreamName, on loop: any EventLoop) -> LiveStream {
    streams.withLockedValue { known in
      if let stream = known[name] { return stream }
      let stream = LiveStream(name: name, loop: loop, context: self)
      known[name] = stream
      return stream
    }
  }

  func forget(_ stream: LiveStream) {
    streams.withLockedValue { known in if known[stream.name] === stream { known[stream.name] = nil } }
  }

  /// Every later epoch is greater than this one, whatever the wall clock says.
  func raiseEpochs(above known: UInt64) { lastEpoch.withLockedValue { $0 = max($0, known) } }

  /// Wall milliseconds, made strictly increasing so that an epoch names one publication.
  func nextEpoch() -> UInt64 {
    let now = UInt64(clamping: clock.wallTime().nanoseconds / 1_000_000)
    return lastEpoch.withLockedValue { last in
      last = max(now, last &+ 1)
      return last
    }
  }
}

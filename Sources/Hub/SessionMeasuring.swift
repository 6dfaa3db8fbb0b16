public import Measure
public import Model

/// What every measured session needs, given once by the composition root to the gateways.
public struct SessionMeasuring: Sendable {
  /// Whether sessions are measured at all.
  public var isOn: Bool
  /// Nil keeps no samples (tests, simulators).
  public var samples: (any SampleSink)?
  /// The registered profile's frame rate × 1000 of a stream; nil where none is registered.
  public var registeredFrameRateMilli: @Sendable (StreamName) -> Int64?
  /// Called for every 60 s window: judges it and records the `quality.window` fact. Called on the session's thread; must not block.
  public var windowClosed: @Sendable (QualityWindow) -> Void
  /// The machine's own health, for all sessions.
  public var observer: ObserverWatch
  /// How far the boot clock of the node that sends a stream lies from ours; nil while nothing bounds it. Called once a key unit, on the session's thread;
  /// must not block.
  public var senderClock: @Sendable (StreamName) -> ClockDistance?

  /// Measures, and keeps no samples.
  public init(
    isOn: Bool = true, samples: (any SampleSink)? = nil, registeredFrameRateMilli: @escaping @Sendable (StreamName) -> Int64? = { _ in nil },
    windowClosed: @escaping @Sendable (QualityWindow) -> Void = { _ in }, observer: ObserverWatch = ObserverWatch(),
    senderClock: @escaping @Sendable (StreamName) -> ClockDistance? = { _ in nil }
  ) {
    self.isOn = isOn
    self.samples = samples
    self.registeredFrameRateMilli = registeredFrameRateMilli
    self.windowClosed = windowClosed
    self.observer = observer
    self.senderClock = senderClock
  }
}

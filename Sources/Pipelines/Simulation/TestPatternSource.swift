internal import Dispatch
public import Model

/// A simulated device's camera and microphone: a ``TestPattern`` or a file, coded in real time.
///
/// `@unchecked Sendable`: `known` and `waiting` are guarded by `queue`.
public final class TestPatternSource: @unchecked Sendable {
  // What has been learnt of the tracks, and units that came before all were known.
  private let queue = DispatchQueue(label: "firstframe.pipelines.pattern")
  private var known: [UInt8: Track] = [:]
  private var waiting: [PatternUnit] = []
  private let pattern: TestPattern
  private let pipeline: RunningPipeline
  private let onTracks: @Sendable ([Track]) -> Void
  private let onUnit: @Sendable (PatternUnit) -> Void

  /// - Parameters:
  ///   - onTracks: called once, before the first unit: H.264 with its parameter sets, and AAC when the pattern has sound.
  ///   - onUnit: each unit when it is coded, in real time and one at a time; tracks interleaved.
  ///   - onFault: at most once; no units come after it.
  public init(
    _ pattern: TestPattern, library: PipelineLibrary, onTracks: @escaping @Sendable ([Track]) -> Void,
    onUnit: @escaping @Sendable (PatternUnit) -> Void, onFault: @escaping @Sendable (Fault) -> Void = { _ in }
  ) throws(Fault) {
    self.pattern = pattern
    self.onTracks = onTracks
    self.onUnit = onUnit
    // A file without the sound that was asked for: GStreamer only remarks that nothing came to link.
    pipeline = try RunningPipeline(try library.file(pattern.launch), pattern.values, onFault: onFault) { remark in
      if pattern.file != nil, pattern.hasAudio, remark.contains("Delayed linking failed") { onFault(Fault(.mediaMalformed, "no sound")) }
    }
    try pipeline.sink("video") { [weak self] sample in self?.handle(sample, track: 0) }
    if pattern.hasAudio { try pipeline.sink("audio") { [weak self] sample in self?.handle(sample, track: 1) } }
  }

  /// Begins to code. Throws `.pipelineFailed`.
  public func start() throws(Fault) { try pipeline.start() }

  /// Whether a file has been filmed to its end; a pattern has none.
  public var hasEnded: Bool { pipeline.hasEnded }

  /// Stops coding; the last units may still come until it returns.
  public func stop() async { await pipeline.stop() }

  private func handle(_ sample: PipelineSample, track: UInt8) {
    let rate: Int32 = track == 0 ? 90_000 : 48_000
    let ticks = MediaTime(value: (sample.runningTime ?? .zero).value, timescale: 1_000_000_000).rescaled(to: rate)
    let unit = PatternUnit(track: track, pts: MediaTime(value: ticks, timescale: rate), isKey: sample.isKey, payload: sample.bytes)
    queue.sync {
      let wanted = pattern.hasAudio ? 2 : 1
      if known.count == wanted { return onUnit(unit) }
      if known[track] == nil { known[track] = describe(sample, track: track) }
      waiting.append(unit)
      guard known.count == wanted else { return }
      onTracks(known.values.sorted { $0.index < $1.index })
      waiting.forEach(onUnit)
      waiting.removeAll()
    }
  }

  private func describe(_ sample: PipelineSample, track: UInt8) -> Track? {
    guard let data = sample.codecData else { return nil }
    if track == 1 { return Track(index: 1, codec: .aac, clockRate: 48_000, parameters: .aac(audioSpecificConfig: data), channels: 1) }
    guard let sets = AVCConfiguration(data) else { return nil }
    return Track(
      index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: sets.sps, pps: sets.pps),
      nominalFrameRateMilli: pattern.framesPerSecond * 1000, width: pattern.width, height: pattern.height)
  }
}

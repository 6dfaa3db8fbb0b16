internal import Model
internal import NIOConcurrencyHelpers
internal import Pipelines

/// A pipeline from `unit` to one sink that does one job after the other: to build it costs as much as to decode a picture. Between two jobs it rests in
/// READY, where its decoder has closed its context and let go of all pictures. After a job that failed it must be forgotten. Blocks.
final class KeptPipeline {
  typealias Take = @Sendable (PipelineSample) -> Void

  private let pipeline: RunningPipeline
  private let source: PipelineSource
  private let taker: NIOLockedValueBox<Take?>

  /// Throws ``Fault`` when it cannot be built.
  init(_ file: PipelineFile, _ values: [String: PipelineValue] = [:], sink: String) throws(Fault) {
    let taker = NIOLockedValueBox<Take?>(nil)
    let pipeline = try RunningPipeline(file, values)
    try pipeline.sink(sink) { sample in taker.withLockedValue { $0 }?(sample) }
    source = try pipeline.source("unit")
    self.pipeline = pipeline
    self.taker = taker
  }

  /// Every sample has been taken when it returns.
  func run(_ units: [CodedBuffer], take: @escaping Take) throws(Fault) {
    taker.withLockedValue { $0 = take }
    defer { taker.withLockedValue { $0 = nil } }
    try pipeline.start()
    source.push(units)
    if let fault = pipeline.finishBlocking(deadline: KeyFrameDecoder.deadline, isKept: true) { throw Fault(.decodeFailed, fault.detail) }
  }
}

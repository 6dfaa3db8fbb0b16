internal import Model
internal import NIOConcurrencyHelpers
internal import Pipelines

/// A pipeline from `unit` to one sink that does one job after the other: to build it costs as much as to decode a picture. Between two jobs it rests in
/// READY, where its decoder has closed its context and let go of all pictures. After a job that failed it must be forgotten. Blocks.
final class KeptPipeline {
  typealias Handler = @Sendable (PipelineSample) -> Void

  private let pipeline: RunningPipeline
  private let source: PipelineSource
  private let handler: NIOLockedValueBox<Handler?>

  /// Throws ``Fault`` when it cannot be built.
  init(_ file: PipelineFile, _ values: [String: PipelineValue] = [:], sink: String) throws(Fault) {
    let handler = NIOLockedValueBox<Handler?>(nil)
    let pipeline = try RunningPipeline(file, values)
    try pipeline.sink(sink) { sample in handler.withLockedValue { $0 }?(sample) }
    source = try pipeline.source("unit")
    self.pipeline = pipeline
    self.handler = handler
  }

  /// Every sample has been handled when it returns.
  func run(_ units: [CodedBuffer], handle: @escaping Handler) throws(Fault) {
    handler.withLockedValue { $0 = handle }
    defer { handler.withLockedValue { $0 = nil } }
    try pipeline.start()
    source.push(units)
    if let fault = pipeline.finishBlocking(deadline: KeyFrameDecoder.deadline, isKept: true) { throw Fault(.decodeFailed, fault.detail) }
  }
}

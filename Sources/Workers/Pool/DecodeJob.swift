internal import Model

/// A request and whoever waits for its result.
struct DecodeJob: Sendable {
  var id: Int64
  var frame: WorkerFrame
  /// Waits behind every job that is not, and leaves one worker free for those.
  var isBackground = false
  /// Given the worker's frame; false when it is no answer to this job. Called from a slot's thread, once with true.
  var answer: @Sendable (WorkerFrame) -> Bool
  /// Nobody will answer. Called once, and then ``answer`` never.
  var fail: @Sendable (Fault) -> Void
}

internal import Model

/// A request and whoever waits for its result.
struct DecodeJob: Sendable {
  var request: DecodeRequest
  /// Called once, from a slot's thread.
  var finish: @Sendable (Result<DecodeResult, Fault>) -> Void
}

internal import CGStreamer

/// Carries a closure through appsink's C callbacks.
final class SampleHandler: Sendable {
  private let handler: @Sendable (PipelineSample) -> Void

  init(_ handler: @escaping @Sendable (PipelineSample) -> Void) { self.handler = handler }

  /// The appsink keeps the object alive.
  func attach(to element: UnsafeMutablePointer<GstElement>) {
    var callbacks = GstAppSinkCallbacks()
    callbacks.new_sample = handleSample
    let sink = UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstAppSink.self)
    gst_app_sink_set_callbacks(sink, &callbacks, Unmanaged.passRetained(self).toOpaque(), releaseHandler)
  }

  fileprivate func handle(_ sample: PipelineSample) { handler(sample) }
}

// Top-level functions, so that no actor's isolation is inherited: they run on GStreamer's streaming threads.
private func handleSample(_ sink: UnsafeMutablePointer<GstAppSink>?, _ data: gpointer?) -> GstFlowReturn {
  guard let sink, let data, let sample = gst_app_sink_pull_sample(sink) else { return .ended }
  Unmanaged<SampleHandler>.fromOpaque(data).takeUnretainedValue().handle(PipelineSample(owning: sample))
  return .fine
}

private func releaseHandler(_ data: gpointer?) {
  if let data { Unmanaged<SampleHandler>.fromOpaque(data).release() }
}

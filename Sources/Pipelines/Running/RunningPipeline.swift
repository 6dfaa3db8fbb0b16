internal import CGStreamer
internal import CGStreamerShim
internal import Dispatch
public import Model

/// A pipeline at work. Its elements run on GStreamer's threads; closures are called there and must hand over, not work.
///
/// Order of use: make it, name its sources and sinks, `start()`, `finish(deadline:)`. Forgetting it stops it, on a thread of the room.
/// One that is kept (``finishBlocking(deadline:isKept:)``) may be started again.
///
/// `@unchecked Sendable`: the element is thread safe and the pointer never changes; `sources` changes only before `start`.
public final class RunningPipeline: @unchecked Sendable {
  private let pipeline: UnsafeMutablePointer<GstElement>
  private let bus: PipelineBus
  private let file: PipelineFile
  private var sources: [PipelineSource] = []

  /// State changes and waiting block, so they run here (architecture.md §3).
  static let blocking = DispatchQueue(label: "firstframe.pipelines.blocking", attributes: .concurrent)

  /// Builds the pipeline and binds the values. `onFault` is called at most once, on GStreamer's thread. Throws `.pipelineInvalid` or `.packageMissing`.
  public init(
    _ file: PipelineFile, _ values: [String: PipelineValue] = [:], onFault: @escaping @Sendable (Fault) -> Void = { _ in },
    onRemark: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(Fault) {
    let built = try PipelineBuilder.build(file, values)
    self.file = file
    pipeline = built
    bus = PipelineBus(onFault: onFault, onRemark: onRemark)
    bus.attach(to: built)
  }

  deinit {
    let address = UInt(bitPattern: pipeline)
    let sources = sources
    RunningPipeline.blocking.async {
      guard let pipeline = UnsafeMutablePointer<GstElement>(bitPattern: address) else { return }
      gst_element_set_state(pipeline, GST_STATE_NULL)
      gst_object_unref(pipeline)
      withExtendedLifetime(sources) {}
    }
  }

  private func missing(_ name: String) -> Fault { Fault(.pipelineInvalid, "\(file.name).launch has no tap \(name)") }

  /// The `appsrc` of that name.
  public func source(_ name: String) throws(Fault) -> PipelineSource {
    guard let element = PipelineBuilder.find(name, in: pipeline) else { throw missing(name) }
    guard ff_gst_is_app_source(element) != 0 else {
      gst_object_unref(element)
      throw missing(name)
    }
    let source = PipelineSource(owning: element)
    sources.append(source)
    return source
  }

  /// Has the `appsink` of that name give its samples to `handler`, one at a time, on its streaming thread.
  public func sink(_ name: String, _ handler: @escaping @Sendable (PipelineSample) -> Void) throws(Fault) {
    guard let element = PipelineBuilder.find(name, in: pipeline) else { throw missing(name) }
    defer { gst_object_unref(element) }
    guard ff_gst_is_app_sink(element) != 0 else { throw missing(name) }
    SampleHandler(handler).attach(to: element)
  }

  /// Whether every sink has seen the end of its stream.
  public var hasEnded: Bool { bus.hasEnded }

  /// Sets the pipeline playing. Returns before data flows; a live source starts at once.
  public func start() throws(Fault) {
    guard gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE else {
      throw bus.fault ?? Fault(.pipelineFailed, "\(file.name).launch does not start")
    }
  }

  /// Ends every source, waits until each sink has seen the end, and stops. Throws the pipeline's fault, or `.pipelineFailed` when the end did not
  /// come in time. All samples have been handed over when it returns normally.
  public func finish(deadline: Duration) async throws(Fault) {
    let result = await withCheckedContinuation { continuation in
      RunningPipeline.blocking.async { continuation.resume(returning: self.finishBlocking(deadline: deadline)) }
    }
    if let result { throw result }
  }

  /// The same for a thread that may block; nil when all went well.
  /// - Parameter isKept: when all went well, `start()` may follow for another stream. The pipeline then rests in READY: its elements have let go of everything
  ///   that they knew of the stream, decoders of their context and their pictures, but need not be made and linked again.
  public func finishBlocking(deadline: Duration, isKept: Bool = false) -> Fault? {
    if sources.isEmpty {
      // An end that is sent while the pipeline is still on its way to PLAYING holds the lock that the way there needs, and waits for it to be over.
      gst_element_get_state(pipeline, nil, nil, GstClockTime(max(0, deadline.nanoseconds)))
      gst_element_send_event(pipeline, gst_event_new_eos())
    } else {
      for source in sources { source.endOfStream() }
    }
    let decision = bus.wait(until: .now() + .nanoseconds(Int(clamping: deadline.nanoseconds)))
    if isKept, bus.hasEnded, gst_element_set_state(pipeline, GST_STATE_READY) == GST_STATE_CHANGE_SUCCESS {
      bus.reset()
      return nil
    }
    gst_element_set_state(pipeline, GST_STATE_NULL)
    switch decision {
    case .ended where isKept: return Fault(.pipelineFailed, "\(file.name).launch does not come to rest")
    case .ended, .remarked: return nil
    case .failed(let fault): return fault
    case nil: return Fault(.pipelineFailed, "\(file.name).launch did not end in time")
    }
  }

  /// Stops without waiting for what is inside.
  public func stop() async {
    await withCheckedContinuation { continuation in
      RunningPipeline.blocking.async {
        gst_element_set_state(self.pipeline, GST_STATE_NULL)
        continuation.resume()
      }
    }
  }
}

extension Duration {
  /// Whole nanoseconds, saturating.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : whole.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
  }
}

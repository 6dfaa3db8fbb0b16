internal import CGStreamer
internal import Dispatch
internal import Model

/// Receives a pipeline's messages on GStreamer's threads (sync handler, no main loop) and remembers how it ended.
///
/// `@unchecked Sendable`: `ending` is guarded by `lock`; the semaphore is thread safe.
final class PipelineBus: @unchecked Sendable {
  private let lock = DispatchQueue(label: "firstframe.pipelines.bus")
  private var ending: BusDecision?
  private let ended = DispatchSemaphore(value: 0)
  private let onFault: @Sendable (Fault) -> Void
  private let onRemark: @Sendable (String) -> Void

  init(onFault: @escaping @Sendable (Fault) -> Void, onRemark: @escaping @Sendable (String) -> Void) {
    self.onFault = onFault
    self.onRemark = onRemark
  }

  /// The bus keeps the object alive until the handler is removed or the bus dies.
  func attach(to pipeline: UnsafeMutablePointer<GstElement>) {
    guard let bus = gst_element_get_bus(pipeline) else { return }
    gst_bus_set_sync_handler(bus, handleBusMessage, Unmanaged.passRetained(self).toOpaque(), releaseBus)
    gst_object_unref(bus)
  }

  /// Waits for the end of the stream or a fault. Blocks: for dedicated threads only.
  func wait(until deadline: DispatchTime) -> BusDecision? {
    guard ended.wait(timeout: deadline) == .success else { return nil }
    ended.signal()  // whoever asks later gets the same answer
    return lock.sync { ending }
  }

  /// Forgets how the pipeline ended, before it is played again. No thread of its may be at work.
  func reset() {
    lock.sync { ending = nil }
    _ = ended.wait(timeout: .now())
  }

  /// The fault that ended the pipeline, if one did.
  var fault: Fault? {
    if case .failed(let fault) = lock.sync(execute: { ending }) { fault } else { nil }
  }

  var hasEnded: Bool {
    if case .ended = lock.sync(execute: { ending }) { true } else { false }
  }

  fileprivate func apply(_ decision: BusDecision) {
    if case .remarked(let text) = decision { return onRemark(text) }
    let isFirst = lock.sync {
      guard ending == nil else { return false }
      ending = decision
      return true
    }
    guard isFirst else { return }
    ended.signal()
    if case .failed(let fault) = decision { onFault(fault) }
  }
}

// Top-level functions, so that no actor's isolation is inherited: they run on GStreamer's threads.
private func handleBusMessage(
  _ bus: UnsafeMutablePointer<GstBus>?, _ message: UnsafeMutablePointer<GstMessage>?, _ data: gpointer?
) -> GstBusSyncReply {
  guard let message, let data else { return GST_BUS_DROP }
  if let decision = decision(for: message) { Unmanaged<PipelineBus>.fromOpaque(data).takeUnretainedValue().apply(decision) }
  gst_mini_object_unref(UnsafeMutableRawPointer(message).assumingMemoryBound(to: GstMiniObject.self))
  return GST_BUS_DROP
}

private func releaseBus(_ data: gpointer?) {
  if let data { Unmanaged<PipelineBus>.fromOpaque(data).release() }
}

private func decision(for message: UnsafeMutablePointer<GstMessage>) -> BusDecision? {
  switch message.pointee.type {
  case GST_MESSAGE_EOS: return .ended
  case GST_MESSAGE_ERROR, GST_MESSAGE_WARNING:
    var error: UnsafeMutablePointer<GError>?
    var debug: UnsafeMutablePointer<CChar>?
    let isError = message.pointee.type == GST_MESSAGE_ERROR
    if isError { gst_message_parse_error(message, &error, &debug) } else { gst_message_parse_warning(message, &error, &debug) }
    defer {
      g_error_free(error)
      g_free(debug)
    }
    guard let error else { return nil }
    let (element, kind) = poster(of: message)
    var text = error.pointee.message.map { String(cString: $0) } ?? ""
    if let debug, let last = String(cString: debug).split(separator: "\n").last { text += " (\(last))" }
    guard isError else { return .remarked("\(element): \(text)") }
    let domain = g_quark_to_string(error.pointee.domain).map { String(cString: $0) } ?? ""
    return BusDecision.error(element: element, elementClass: kind, domain: domain, code: error.pointee.code, text: text)
  default: return nil
  }
}

/// Name and factory class of the element that posted.
private func poster(of message: UnsafeMutablePointer<GstMessage>) -> (name: String, kind: String) {
  guard let source = message.pointee.src, let name = gst_object_get_name(source) else { return ("pipeline", "") }
  defer { g_free(name) }
  guard isElement(source) else { return (String(cString: name), "") }
  let element = UnsafeMutableRawPointer(source).assumingMemoryBound(to: GstElement.self)
  let kind = gst_element_get_factory(element).flatMap { gst_element_factory_get_metadata($0, "klass") }.map { String(cString: $0) }
  return (String(cString: name), kind ?? "")
}

private func isElement(_ object: UnsafeMutablePointer<GstObject>) -> Bool {
  g_type_check_instance_is_a(UnsafeMutableRawPointer(object).assumingMemoryBound(to: GTypeInstance.self), gst_element_get_type()) != 0
}

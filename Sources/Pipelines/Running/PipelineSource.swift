internal import CGStreamer
internal import Model
internal import NIOCore

/// An `appsrc` of a running pipeline. Callable from any thread: appsrc locks for itself.
///
/// `@unchecked Sendable`: the element is reference counted and thread safe; the pointer is never changed.
public final class PipelineSource: @unchecked Sendable {
  private let element: UnsafeMutablePointer<GstElement>

  /// - Parameter element: the caller's own reference, which is now this object's.
  init(owning element: UnsafeMutablePointer<GstElement>) { self.element = element }

  deinit { gst_object_unref(element) }

  private var source: UnsafeMutablePointer<GstAppSrc> { UnsafeMutableRawPointer(element).assumingMemoryBound(to: GstAppSrc.self) }

  /// Hands over a batch as one buffer list whose buffers are slices of one memory: wake-ups and allocations are what a pipeline costs, not bytes.
  /// False when the pipeline takes no more (stopped, failed, or out of memory).
  @discardableResult
  public func push(_ buffers: [CodedBuffer]) -> Bool {
    guard !buffers.isEmpty else { return true }
    guard let block = PipelineSource.block(of: buffers) else { return false }
    defer { gst_mini_object_unref(UnsafeMutableRawPointer(block).assumingMemoryBound(to: GstMiniObject.self)) }
    guard let list = gst_buffer_list_new_sized(guint(clamping: buffers.count)), let memory = gst_buffer_peek_memory(block, 0) else {
      return false
    }
    var offset = 0
    for item in buffers {
      guard let buffer = gst_buffer_new() else { return false }
      let count = item.bytes.readableBytes
      if count > 0 { gst_buffer_append_memory(buffer, gst_memory_share(memory, offset, count)) }
      PipelineSource.stamp(buffer, item)
      gst_buffer_list_insert(list, -1, buffer)
      offset += count
    }
    return gst_app_src_push_buffer_list(source, list) == GstFlowReturn.fine
  }

  /// All bytes in one memory. Filled before it is shared: sharing locks it against writing, and GStreamer would then write to a copy.
  private static func block(of buffers: [CodedBuffer]) -> UnsafeMutablePointer<GstBuffer>? {
    let total = buffers.reduce(0) { $0 + $1.bytes.readableBytes }
    guard let block = gst_buffer_new_allocate(nil, gsize(max(total, 1)), nil) else { return nil }
    var offset = 0
    for item in buffers {
      offset += item.bytes.withUnsafeReadableBytes { Int(gst_buffer_fill(block, gsize(offset), $0.baseAddress, gsize($0.count))) }
    }
    return block
  }

  private static func stamp(_ buffer: UnsafeMutablePointer<GstBuffer>, _ item: CodedBuffer) {
    buffer.pointee.pts = GstClockTime(clamping: item.pts.value)
    buffer.pointee.dts = item.dts.map { GstClockTime(clamping: $0.value) } ?? GstClockTime.max
    if !item.isKey {
      buffer.pointee.mini_object.flags |= guint(GST_BUFFER_FLAG_DELTA_UNIT.rawValue)
    }
  }

  /// No more buffers will come.
  public func endOfStream() { gst_app_src_end_of_stream(source) }
}

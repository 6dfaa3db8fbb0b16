internal import CGStreamer
internal import CGStreamerShim
internal import Model

/// The library as a whole.
enum GStreamer {
  /// Initialises once; later calls cost a load. Throws ``Fault`` `.packageMissing`.
  static func start() throws(Fault) {
    if let reason = ff_gst_init() { throw Fault(.packageMissing, "GStreamer: \(String(cString: reason))") }
  }

  /// The GStreamer class of an element's factory, e.g. `Codec/Decoder/Video`; nil when there is no such element.
  static func classOf(factory name: String) -> String? {
    guard let factory = gst_element_factory_find(name) else { return nil }
    defer { gst_object_unref(UnsafeMutableRawPointer(factory)) }
    return gst_element_factory_get_metadata(factory, "klass").map { String(cString: $0) } ?? ""
  }
}

// GstFlowReturn has values beyond its named ones, so Swift imports the type without its cases.
extension GstFlowReturn {
  /// GST_FLOW_OK.
  static var fine: GstFlowReturn { GstFlowReturn(rawValue: 0) }
  /// GST_FLOW_EOS.
  static var ended: GstFlowReturn { GstFlowReturn(rawValue: -3) }
}

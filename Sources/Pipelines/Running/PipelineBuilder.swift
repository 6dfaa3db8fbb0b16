internal import CGStreamer
internal import CGStreamerShim
internal import Model

/// Turns a checked file and its values into a GStreamer pipeline in state NULL.
enum PipelineBuilder {
  /// The caller owns the one reference it gets. Throws `.packageMissing` for an element that is not installed, else `.pipelineInvalid`.
  static func build(_ file: PipelineFile, _ values: [String: PipelineValue]) throws(Fault) -> UnsafeMutablePointer<GstElement> {
    try GStreamer.start()
    try check(file, values)
    var why: UnsafeMutablePointer<CChar>?
    guard let parsed = ff_gst_parse(file.description, &why)?.assumingMemoryBound(to: GstElement.self) else {
      let reason = why.map { String(cString: $0) } ?? "unknown"
      g_free(why)
      throw fault(file, reason)
    }
    let pipeline = wrapped(parsed)
    do throws(Fault) {
      for binding in file.bindings { try bind(binding, values[binding.parameter], in: pipeline, of: file) }
    } catch {
      gst_object_unref(pipeline)
      throw error
    }
    return pipeline
  }

  private static func fault(_ file: PipelineFile, _ why: String) -> Fault { Fault(.pipelineInvalid, "\(file.name).launch: \(why)") }

  private static func check(_ file: PipelineFile, _ values: [String: PipelineValue]) throws(Fault) {
    for parameter in file.parameters {
      guard let value = values[parameter.name] else { throw fault(file, "no value for \(parameter.name)") }
      guard value.kind == parameter.kind else { throw fault(file, "\(parameter.name) wants a \(parameter.kind.rawValue)") }
    }
    if let extra = values.keys.sorted().first(where: { name in !file.parameters.contains { $0.name == name } }) {
      throw fault(file, "\(extra) is not a parameter")
    }
    for element in file.elements where !PipelineFile.isOperators(element.factory, in: file.name) {
      guard let kind = GStreamer.classOf(factory: element.factory) else { throw Fault(.packageMissing, "GStreamer \(element.factory)") }
      let parts = kind.split(separator: "/")
      guard !parts.contains("File"), !parts.contains("Network"), !parts.contains("Device"), !parts.contains("Bin") else {
        throw fault(file, "\(element.factory) (\(kind)) is not allowed in a pipeline file")
      }
    }
  }

  /// gst_parse_launch returns a single element as it is, not in a pipeline.
  private static func wrapped(_ element: UnsafeMutablePointer<GstElement>) -> UnsafeMutablePointer<GstElement> {
    if ff_gst_is_bin(element) != 0 { return element }
    guard let pipeline = gst_pipeline_new(nil) else { return element }
    pipeline.withMemoryRebound(to: GstBin.self, capacity: 1) { _ = gst_bin_add($0, element) }
    return pipeline
  }

  private static func bind(
    _ binding: PipelineFile.Binding, _ value: PipelineValue?, in pipeline: UnsafeMutablePointer<GstElement>, of file: PipelineFile
  ) throws(Fault) {
    guard let element = find(binding.element, in: pipeline) else { throw fault(file, "no element \(binding.element)") }
    defer { gst_object_unref(element) }
    let why: UnsafePointer<CChar>? =
      switch value {
      case .caps(let text): ff_gst_bind_caps(element, binding.property, text)
      case .int(let number): ff_gst_bind_int(element, binding.property, number)
      case .double(let number): ff_gst_bind_double(element, binding.property, number)
      case .string(let text): ff_gst_bind_string(element, binding.property, text)
      case .bool(let truth): ff_gst_bind_bool(element, binding.property, truth ? 1 : 0)
      case nil: nil
      }
    if let why { throw fault(file, "\(binding.element).\(binding.property): \(String(cString: why))") }
  }

  /// The element of that name, with a reference for the caller.
  static func find(_ name: String, in pipeline: UnsafeMutablePointer<GstElement>) -> UnsafeMutablePointer<GstElement>? {
    pipeline.withMemoryRebound(to: GstBin.self, capacity: 1) { gst_bin_get_by_name($0, name) }
  }
}

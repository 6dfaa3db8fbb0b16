internal import Model

/// What a bus message means to us. The only place where GStreamer's words become decisions (architecture.md §3).
enum BusDecision: Equatable {
  /// Every sink has seen the end of the stream.
  case ended
  case failed(Fault)
  /// Worth a log line, nothing more.
  case remarked(String)

  /// An error message, seen as: the posting element's name and class (`Codec/Decoder/Video`), the error's domain and code, and its text.
  static func error(element: String, elementClass: String, domain: String, code: Int32, text: String) -> BusDecision {
    let detail = "\(element): \(text)"
    switch domain {
    case "gst-resource-error-quark" where code == noSpaceLeft: return .failed(Fault(.diskFull, detail))
    case "gst-core-error-quark" where code == missingPlugin: return .failed(Fault(.packageMissing, detail))
    default: break
    }
    if elementClass.contains("Decoder") || elementClass.contains("Parser") { return .failed(Fault(.decodeFailed, detail)) }
    return .failed(Fault(.pipelineFailed, detail))
  }

  /// GST_RESOURCE_ERROR_NO_SPACE_LEFT.
  private static let noSpaceLeft: Int32 = 14
  /// GST_CORE_ERROR_MISSING_PLUGIN.
  private static let missingPlugin: Int32 = 12
}

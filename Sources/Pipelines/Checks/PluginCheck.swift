public import Model

/// Whether everything that our pipeline files name is installed: for `firstframe doctor`.
public enum PluginCheck {
  /// An element that is not installed.
  public struct Missing: Sendable, Hashable {
    /// The GStreamer element.
    public var element: String
    /// The Debian package that has it.
    public var package: String
  }

  /// Every element that a pipeline file may name, with its Debian package. A test holds it against the files.
  static let packages: [String: String] = [
    "appsrc": "gstreamer1.0-plugins-base", "appsink": "gstreamer1.0-plugins-base", "videoconvert": "gstreamer1.0-plugins-base",
    "videoscale": "gstreamer1.0-plugins-base", "videotestsrc": "gstreamer1.0-plugins-base", "audiotestsrc": "gstreamer1.0-plugins-base",
    "tee": "libgstreamer1.0-0", "queue": "libgstreamer1.0-0", "capsfilter": "libgstreamer1.0-0",
    "matroskamux": "gstreamer1.0-plugins-good", "jpegenc": "gstreamer1.0-plugins-good", "textoverlay": "gstreamer1.0-x",
    "timeoverlay": "gstreamer1.0-x", "x264enc": "gstreamer1.0-plugins-ugly", "avdec_h264": "gstreamer1.0-libav",
    "avdec_h265": "gstreamer1.0-libav", "avenc_aac": "gstreamer1.0-libav", "avdec_aac": "gstreamer1.0-libav",
    "audioconvert": "gstreamer1.0-plugins-base", "opusdec": "gstreamer1.0-plugins-base", "alawdec": "gstreamer1.0-plugins-good",
    "mulawdec": "gstreamer1.0-plugins-good", "filesrc": "libgstreamer1.0-0", "identity": "libgstreamer1.0-0",
    "decodebin": "gstreamer1.0-plugins-base", "videorate": "gstreamer1.0-plugins-base", "audioresample": "gstreamer1.0-plugins-base",
  ]

  /// What is missing, sorted; empty when all is well. Throws ``Fault`` `.packageMissing` when GStreamer itself does not start.
  public static func missing() throws(Fault) -> [Missing] { try missing(of: packages) }

  static func missing(of packages: [String: String]) throws(Fault) -> [Missing] {
    try GStreamer.start()
    return packages.filter { GStreamer.classOf(factory: $0.key) == nil }
      .map { Missing(element: $0.key, package: $0.value) }
      .sorted { ($0.package, $0.element) < ($1.package, $1.element) }
  }
}

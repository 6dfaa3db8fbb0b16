public import Model

/// A `.launch` file, read and checked but not yet built: GStreamer's launch syntax with `{parameter}` standing for whole property values.
///
/// ```
/// # What it does.
/// #: codec  Caps
/// appsrc name=media caps={codec} ! matroskamux ! appsink name=bytes
/// ```
/// The description that GStreamer parses never holds a value; values are bound afterwards, like those of a prepared statement.
public struct PipelineFile: Sendable, Hashable {
  /// An element that the file names.
  public struct Element: Sendable, Hashable {
    /// GStreamer's name of its kind, e.g. `jpegenc`.
    public var factory: String
    /// Nil when the file gives none.
    public var name: String?
  }

  struct Binding: Sendable, Hashable {
    var element: String
    var property: String
    var parameter: String
  }

  /// The path below `pipelines/` without extension, e.g. `archive/record-video`.
  public let name: String
  /// The declared parameters, in the file's order; each needs a value.
  public let parameters: [PipelineParameter]
  /// In the file's order.
  public let elements: [Element]
  /// What GStreamer parses: comments, declarations and bound properties taken out.
  let description: String
  let bindings: [Binding]

  /// Elements that touch the disk or the network, or choose other elements by themselves.
  static let forbidden: Set<String> = [
    "filesink", "filesrc", "multifilesink", "multifilesrc", "splitmuxsink", "splitmuxsrc", "splitfilesrc", "giosink", "giosrc",
    "giostreamsink", "giostreamsrc", "fdsink", "fdsrc", "shmsink", "shmsrc", "filesrcbin", "dataurisrc", "souphttpsrc", "curlhttpsink",
    "decodebin", "decodebin3", "playbin", "playbin3", "playsink", "uridecodebin", "uridecodebin3", "urisourcebin", "parsebin",
    "encodebin", "encodebin2", "autovideosink", "autoaudiosink", "autovideosrc", "autoaudiosrc", "udpsrc", "udpsink", "multiudpsink",
    "tcpclientsrc", "tcpclientsink", "tcpserversrc", "tcpserversink", "rtspsrc", "rtspclientsink", "rtmpsrc", "rtmpsink", "rtmp2src",
    "rtmp2sink", "srtsrc", "srtsink", "hlsdemux", "hlssink", "hlssink2", "dashdemux", "v4l2src", "v4l2sink", "gltestsrc",
  ]

  /// Whether a file of this name may use an element. A simulated device (`sim/…`, never loaded by a relay) may film a file that its operator names.
  static func allows(_ factory: String, in name: String) -> Bool {
    !forbidden.contains(factory) || isOperators(factory, in: name)
  }

  static func isOperators(_ factory: String, in name: String) -> Bool {
    name.hasPrefix("sim/") && (factory == "filesrc" || factory == "decodebin")
  }

  /// Throws ``Fault`` `.pipelineInvalid` naming the file, the line and the rule that is broken.
  public init(name: String, text: String) throws(Fault) {
    self.name = name
    var reader = PipelineFileReader(name: name)
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) { try reader.read(line: line) }
    try reader.finish()
    parameters = reader.parameters
    elements = reader.elements.map { Element(factory: $0.factory, name: $0.name) }
    description = reader.words.joined(separator: " ")
    bindings = reader.bindings
  }
}

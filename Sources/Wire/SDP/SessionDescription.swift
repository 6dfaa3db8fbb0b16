public import Model

/// An SDP session description (RFC 4566), as far as RTSP uses it.
public struct SessionDescription: Hashable, Sendable {
  /// `m=` sections; more are left out.
  public static let maximumMedia = 32
  /// More are malformed.
  public static let maximumLines = 1024
  /// The attribute by which our own nodes say where a stream was first received: node, space, percent-encoded path.
  public static let originAttribute = "x-firstframe-origin"

  /// The text of `s=`.
  public var name = ""
  /// `b=AS` of the session, kilobits a second.
  public var bandwidthKilobits: Int?
  /// `a=` lines before the first `m=`.
  public var attributes: [SDPAttribute] = []
  /// In order.
  public var media: [MediaDescription] = []

  public init() {}

  /// Parses a description; lines that cannot be read are passed over, as are those of no use here. Trap-free on any bytes.
  /// - Throws: ``FaultCode/rtspMalformed`` when there is neither a version nor a media line, or too many of either kind.
  public init(parsing bytes: some Sequence<UInt8>) throws(Fault) {
    let text = String(decoding: Array(bytes), as: UTF8.self)
    var isDescription = false
    var count = 0
    for line in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
      count += 1
      guard count <= SessionDescription.maximumLines else { throw Fault(.rtspMalformed, "SDP of more than \(Self.maximumLines) lines") }
      let line = trimmed(Substring(line))
      guard let first = line.utf8.first, let equals = line.utf8.firstIndex(of: 61), trimmed(line[..<equals]).utf8.count == 1 else { continue }
      let type = first | 0x20
      if type == 118 || type == 109 { isDescription = true }
      try read(type, trimmed(line[line.utf8.index(after: equals)...]))
    }
    guard isDescription else { throw Fault(.rtspMalformed, "SDP without v= and m=") }
    guard media.isEmpty || media.contains(where: { !$0.formats.isEmpty }) else { throw Fault(.rtspMalformed, "SDP media line") }
  }

  private mutating func read(_ type: UInt8, _ value: String) throws(Fault) {
    let current = media.indices.last
    switch type {
    case 109:  // m
      guard media.count < Self.maximumMedia else { throw Fault(.rtspMalformed, "SDP of more than \(Self.maximumMedia) media") }
      // A section whose line cannot be read keeps its place, and what is said of it; it has no formats, and so carries nothing.
      media.append(MediaDescription(line: value) ?? MediaDescription(kind: "", formats: []))
    case 97:  // a
      let attribute = SDPAttribute(line: value)
      if let current { media[current].attributes.append(attribute) } else { attributes.append(attribute) }
    case 98:  // b
      let parts = value.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0] == "AS", let kilobits = Int(trimmed(parts[1])), kilobits > 0 else { return }
      if let current { media[current].bandwidthKilobits = kilobits } else { bandwidthKilobits = kilobits }
    case 115 where current == nil: name = value  // s
    default: break
    }
  }

  /// `a=control` of the whole: what PLAY and RECORD are sent to.
  public var control: String? { attributes.value("control") }

  /// Each media's control attribute, in order.
  public var controls: [String?] { media.map(\.control) }

  /// Where the stream was first received, when one of our nodes wrote the description.
  public var origin: UnitOrigin? {
    guard let value = attributes.value(SessionDescription.originAttribute) else { return nil }
    let words = value.split(separator: " ")
    guard words.count == 2, StreamName.isSegment(words[0]), let path = StreamName(String(words[1])) else { return nil }
    return UnitOrigin(node: String(words[0]), path: path)
  }
}

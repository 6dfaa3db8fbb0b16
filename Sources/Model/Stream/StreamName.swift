/// A stream's name: a path such as `live/cam1`, or `{node}/live/cam1` at the next tier.
///
/// One to eight segments of letters, digits, `-`, `_`, `.`, `~` (any script's letters), none of them `.` or `..`, at most 255 bytes.
/// It never becomes a file name: files are named from identifiers of our own.
public struct StreamName: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// Decoded, without slashes at its ends.
  public let path: String

  /// Accepts a leading slash and percent-encoding as URLs carry them; nil when the name breaks a rule above.
  public init?(_ text: String) {
    guard let decoded = percentDecoded(text) else { return nil }
    let trimmed = decoded.hasPrefix("/") ? String(decoded.dropFirst()) : decoded
    let cleaned = trimmed.hasSuffix("/") ? String(trimmed.dropLast()) : trimmed
    guard !cleaned.isEmpty, cleaned.utf8.count <= 255 else { return nil }
    let segments = cleaned.split(separator: "/", omittingEmptySubsequences: false)
    guard segments.count <= 8, segments.allSatisfy(StreamName.isSegment) else { return nil }
    path = cleaned
  }

  /// Whether a text may stand as one segment of a name, and so as a node's or device's name.
  public static func isSegment(_ segment: some StringProtocol) -> Bool {
    guard !segment.isEmpty, segment != ".", segment != ".." else { return false }
    return segment.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "~": true
      default: scalar.value > 0x7F && scalar.properties.isAlphabetic
      }
    }
  }

  /// The name under which a lower tier's stream appears at this tier: `{node}/path`.
  public func prefixed(by node: String) -> StreamName? { StreamName(node + "/" + path) }

  public var description: String { path }
  public static func < (a: StreamName, b: StreamName) -> Bool { a.path < b.path }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let name = StreamName(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a stream name")
    }
    self = name
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(path)
  }
}

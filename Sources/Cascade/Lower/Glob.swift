/// Path patterns: `*` stands for any text within a segment, `**` for any number of segments.
public enum Glob {
  public static func matches(_ pattern: String, _ path: String) -> Bool {
    match(pattern.split(separator: "/")[...], path.split(separator: "/")[...])
  }

  private static func match(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "**" {
      if match(pattern.dropFirst(), path) { return true }
      return !path.isEmpty && match(pattern, path.dropFirst())
    }
    guard let segment = path.first, matchSegment(Array(first.utf8)[...], Array(segment.utf8)[...]) else { return false }
    return match(pattern.dropFirst(), path.dropFirst())
  }

  private static func matchSegment(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      if matchSegment(pattern.dropFirst(), text) { return true }
      return !text.isEmpty && matchSegment(pattern, text.dropFirst())
    }
    guard text.first == first else { return false }
    return matchSegment(pattern.dropFirst(), text.dropFirst())
  }
}

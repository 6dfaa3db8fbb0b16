/// Path patterns of keys: `*` stands for any text within a segment, `**` for any number of segments.
struct AccessGlob: Hashable, Sendable {
  let pattern: String

  func matches(_ path: String) -> Bool { AccessGlob.match(pattern.split(separator: "/")[...], path.split(separator: "/")[...]) }

  private static func match(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "**" {
      return match(pattern.dropFirst(), path) || (!path.isEmpty && match(pattern, path.dropFirst()))
    }
    guard let segment = path.first, matchSegment(Array(first.utf8), Array(segment.utf8)) else { return false }
    return match(pattern.dropFirst(), path.dropFirst())
  }

  /// Linear in time whatever the pattern: at a mismatch only the last star grows.
  private static func matchSegment(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var p = 0
    var t = 0
    var lastStar: Int?
    var resume = 0
    while t < text.count {
      if p < pattern.count, pattern[p] == star {
        lastStar = p
        resume = t
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let lastStar {
        p = lastStar + 1
        resume += 1
        t = resume
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }
}

/// A pattern of streams' paths, as access keys and uplinks have them: `*` stands for any text within a segment, `**` for any number of segments.
public struct StreamGlob: Hashable, Sendable {
  public let pattern: String

  public init(_ pattern: String) { self.pattern = pattern }

  /// Whether a pattern can be meant: 1–16 segments, each a segment of a stream's name with `*` anywhere in it, or `**` alone; 255 bytes at most.
  public var isValid: Bool {
    let segments = pattern.split(separator: "/", omittingEmptySubsequences: false)
    guard pattern.utf8.count <= 255, (1...16).contains(segments.count) else { return false }
    return segments.allSatisfy { segment in
      if segment == "**" || segment == "*" { return true }
      return !segment.contains("**") && StreamName.isSegment(segment.replacing("*", with: "x"))
    }
  }

  /// Steps through the path once, keeping which places of the pattern are reached: no pattern makes it slow.
  public func matches(_ path: String) -> Bool {
    let parts = pattern.split(separator: "/").map { Array($0.utf8) }
    let any = Array("**".utf8)
    var reached = [Bool](repeating: false, count: parts.count + 1)
    reached[0] = true
    func passStars(_ reached: inout [Bool]) {
      for place in parts.indices where reached[place] && parts[place] == any { reached[place + 1] = true }
    }
    passStars(&reached)
    for segment in path.split(separator: "/").map({ Array($0.utf8) }) {
      var next = [Bool](repeating: false, count: parts.count + 1)
      for place in parts.indices where reached[place] {
        if parts[place] == any {
          next[place] = true
        } else if StreamGlob.matchSegment(parts[place], segment) {
          next[place + 1] = true
        }
      }
      passStars(&next)
      reached = next
    }
    return reached[parts.count]
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

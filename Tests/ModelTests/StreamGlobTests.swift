import FirstFrameTesting
import Model
import Testing

@Suite("Patterns of streams' paths")
struct StreamGlobTests {
  @Test(
    "match segment by segment",
    arguments: [
      ("live/cam1", "live/cam1", true), ("live/*", "live/cam1", true), ("live/*", "live/a/b", false), ("**", "a/b/c", true),
      ("live/**", "live", true),
      ("*/live/**", "deqing/live/cam1", true), ("live/cam*", "live/cam", true), ("live/*1", "live/cam12", false), ("live/c*m*1", "live/cxmxm1", true),
      ("", "live", false), ("live/cam1", "live/cam1/x", false),
    ])
  func globs(pattern: String, path: String, expected: Bool) { #expect(StreamGlob(pattern).matches(path) == expected) }

  @Test("of stars do not take long")
  func slowPattern() {
    let stars = Array(repeating: "**/a*a*a*b", count: 16).joined(separator: "/")
    let path = Array(repeating: String(repeating: "a", count: 30), count: 8).joined(separator: "/")
    let took = ContinuousClock().measure { #expect(!StreamGlob(stars).matches(path)) }
    #expect(took < .milliseconds(500))
  }

  @Test("can be meant when each segment is one of a stream's name, with stars in it")
  func valid() {
    for pattern in ["live/cam1", "live/*", "**", "**/live/*1", "a*b*c", "*"] { #expect(StreamGlob(pattern).isValid, "\(pattern)") }
    let long = Array(repeating: "a", count: 17).joined(separator: "/")
    for pattern in ["", "live//cam", "/live", "live/", "a**b", "..", "live/..", "a b", long, String(repeating: "a", count: 256)] {
      #expect(!StreamGlob(pattern).isValid, "\(pattern)")
    }
  }

  /// The definition itself: slow, and plainly right.
  private static func matches(_ pattern: ArraySlice<Substring>, _ path: ArraySlice<Substring>) -> Bool {
    guard let first = pattern.first else { return path.isEmpty }
    if first == "**" { return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst())) }
    guard let segment = path.first, matches(Array(first)[...], Array(segment)[...]) else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }

  private static func matches(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" { return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst())) }
    return text.first == first && matches(pattern.dropFirst(), text.dropFirst())
  }

  @Test("match as their definition says, for any pattern and path")
  func definition() {
    var random = Mutator(seed: 11)
    let pieces = ["a", "b", "*", "/", "**", "ab", "*a", "/**/"]
    var matched = 0
    for _ in 0..<4000 {
      let pattern = (0..<Int.random(in: 1...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      let path = (0..<Int.random(in: 1...5, using: &random)).map { _ in ["a", "b", "/"].randomElement(using: &random) ?? "" }.joined()
      let expected = StreamGlobTests.matches(pattern.split(separator: "/")[...], path.split(separator: "/")[...])
      // A double star within a segment is no pattern; it stands for one star there.
      guard pattern.split(separator: "/").allSatisfy({ $0 == "**" || !$0.contains("**") }) else { continue }
      #expect(StreamGlob(pattern).matches(path) == expected, "\(pattern) \(path)")
      if expected { matched += 1 }
    }
    #expect(matched > 100)
  }
}

@Suite("Random digits")
struct RandomHexTests {
  @Test("are as many as asked for, hexadecimal, and never the same")
  func digits() {
    for count in [0, 1, 6, 7, 32, 64] {
      let digits = RandomHex.digits(count)
      #expect(digits.utf8.count == count)
      #expect(digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) })
    }
    #expect(RandomHex.digits(-3).isEmpty)
    #expect(Set((0..<200).map { _ in RandomHex.digits(32) }).count == 200)
  }
}

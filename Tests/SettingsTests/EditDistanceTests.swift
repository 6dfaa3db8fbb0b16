import Testing

@testable import Settings

@Suite("How far two keys are apart")
struct EditDistanceTests {
  @Test(
    "each character put in, taken out or replaced counts one, and capitals count nothing",
    arguments: [
      ("", "", 0), ("", "abc", 3), ("port", "port", 0), ("port", "Port", 0), ("prot", "port", 2), ("port", "ports", 1), ("rtpPorts", "ports", 3),
      ("kitten", "sitting", 3), ("端口", "端", 1),
    ])
  func distance(a: String, b: String, expected: Int) {
    #expect(editDistance(a, b) == expected)
    #expect(editDistance(b, a) == expected)
  }
}

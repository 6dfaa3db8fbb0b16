import Testing

@testable import Model

@Suite("The limit of lines in the log")
struct LineLimitTests {
  private let start = BootTime(nanoseconds: 0)

  @Test("the first lines of a source are written, the others counted, and the count comes with the next minute's first line")
  func bySource() {
    var limit = LineLimit(perSource: 2, inAll: 100)
    #expect(limit.admit("a", at: start) == 0)
    #expect(limit.admit("a", at: start + .seconds(1)) == 0)
    for second in 2..<50 { #expect(limit.admit("a", at: start + .seconds(Int64(second))) == nil) }
    #expect(limit.admit("b", at: start + .seconds(50)) == 0)
    #expect(limit.admit("a", at: start + .seconds(61)) == 48)
    #expect(limit.admit("a", at: start + .seconds(62)) == 0)
  }

  @Test("sources without number are bounded together, in lines and in memory")
  func inAll() {
    var limit = LineLimit(perSource: 5, inAll: 300)
    let written = (0..<100_000).count { limit.admit("host \($0)", at: start) != nil }
    #expect(written == 300)
    #expect(limit.sourceCount <= 1025)
    #expect(limit.admit("late", at: start + .seconds(61)) != nil)
  }

  @Test("a stranger's text ends no line and moves no cursor")
  func texts() {
    #expect("live/a\nINFO forged\u{1B}[2J\u{85}\u{2028}单兵".forLog == "live/a?INFO forged?[2J??单兵")
    #expect(String(repeating: "x", count: 500).forLog.count == 80)
  }
}

import Foundation
import Testing

@testable import Report

@Suite("A line chart")
struct LineChartTests {
  private func chart(_ points: [(Double, Double?)], limit: Double? = nil, least: Bool = false, marks: [(Double, Int)] = []) -> LineChart {
    LineChart(
      title: "丢包 \"\u{301}<b>", unit: "%", points: points.map { (at: $0.0, value: $0.1) }, limit: limit, limitIsLeast: least, span: 0...10,
      marks: marks.map { (at: $0.0, number: $0.1) })
  }

  private func count(_ word: String, _ svg: String) -> Int { svg.components(separatedBy: word).count - 1 }

  @Test("draws runs of measured points, with a hole where nothing was measured")
  func lines() {
    let svg = chart([(0, 0), (5, 5), (6, nil), (7, 10), (20, 3)]).svg.text
    // 56 is the axis' left end, 900 its length; 24 its top, 110 its height; the largest value is the top.
    #expect(svg.contains("<polyline class=\"p\" points=\"56.0,134.0 506.0,79.0\"/>"))
    #expect(svg.contains("<polyline class=\"p\" points=\"686.0,24.0 686.0,24.0\"/>"), "a single point is a short dash")
    #expect(count("<polyline", svg) == 2, "what lies beyond the axis is not drawn")
  }

  @Test("draws the limit where it is, and the largest value's label above it")
  func limits() {
    let upper = chart([(0, 1)], limit: 4).svg.text
    #expect(upper.contains("<line class=\"l\" x1=\"56.0\" x2=\"956.0\" y1=\"46.0\" y2=\"46.0\"/>") && upper.contains(">≤ 4</text>"))
    #expect(upper.contains(">5</text>"), "a quarter above the limit")
    #expect(chart([(0, 1)], limit: 4, least: true).svg.text.contains(">≥ 4</text>"))
    #expect(!chart([(0, 1)]).svg.text.contains("class=\"l\""))
  }

  @Test("numbers the marks, and those that coincide once")
  func marks() {
    let svg = chart([], marks: [(1, 1), (1.01, 2), (5, 3), (11, 4)]).svg.text
    #expect(count("class=\"m\"", svg) == 3 && count("class=\"n\"", svg) == 2)
    #expect(svg.contains(">1</text>") && svg.contains(">3</text>") && !svg.contains(">2</text>"))
  }

  @Test("is styled by classes alone, and its title is text wherever it stands")
  func markup() {
    let scan = MarkupScan(chart([(0, 1), (2, 1)], limit: 0.5, marks: [(1, 1)]).svg.text)
    #expect(scan.elements == ["svg", "text", "rect", "line", "polyline"])
    #expect(!scan.attributes.contains { $0.hasSuffix(" style") || $0.contains(" on") })
    #expect(Set(scan.attributes.filter { $0.hasPrefix("svg") }) == ["svg viewBox", "svg role", "svg aria-label"])
  }

  @Test(
    "numbers have three digits at most, and the extremes do not break it",
    arguments: [
      (0, "0"), (1.5, "1.5"), (0.0004, "0"), (0.0005, "0.001"), (-2.25, "-2.25"), (1234, "1234"), (1e300, "1000000000000"),
      (.infinity, "1000000000000"),
    ] as [(Double, String)])
  func numbers(value: Double, text: String) { #expect(LineChart.text(value) == text) }
}

/// A small line chart as SVG: a figure over time, its limit drawn in, events as numbered marks on the same axis. Prints in black and white.
///
/// It is styled by classes alone, which the page's style sheet explains: a Content-Security-Policy allows no `style` attribute.
struct LineChart {
  var title: String
  var unit: String
  /// Seconds on the time axis, and the value; nil where nothing was measured, which leaves a hole in the line.
  var points: [(at: Double, value: Double?)]
  var limit: Double?
  /// Whether the value must stay above the limit.
  var limitIsLeast = false
  /// What the axis shows, in seconds.
  var span: ClosedRange<Double>
  var marks: [(at: Double, number: Int)]

  private static let (width, height, left, top) = (900.0, 110.0, 56.0, 24.0)
  private static let bottom = top + height

  var svg: HTML {
    let most = max(points.compactMap(\.value).max() ?? 0, (limit ?? 0) * 1.25, 1e-9)
    let seconds = "\(LineChart.text(span.lowerBound)) … \(LineChart.text(span.upperBound)) s"
    let lines: [HTML] = runs(most).map { "<polyline class=\"p\" points=\"\($0)\"/>" }
    return """
      <svg viewBox="0 0 \(Int(LineChart.width + 120)) \(Int(LineChart.height + 54))" role="img" aria-label="\(title)">\
      <text class="t" x="0" y="11">\(title)(\(unit))</text>\
      <rect class="f" x="\(x(span.lowerBound))" y="\(LineChart.top)" width="\(LineChart.width)" height="\(LineChart.height)"/>\
      \(label(most, of: most))\(label(0, of: most))\(numberedMarks)\(limitLine(most))\(lines)\
      <text class="k" x="\(LineChart.left)" y="\(LineChart.bottom + 26)">\(seconds)</text></svg>

      """
  }

  private var numberedMarks: HTML {
    var drawn = HTML.empty
    var numbered = -Double.infinity
    for mark in marks where span.contains(mark.at) {
      let at = x(mark.at)
      drawn += "<line class=\"m\" x1=\"\(at)\" x2=\"\(at)\" y1=\"\(LineChart.top)\" y2=\"\(LineChart.bottom)\"/>"
      // Marks that coincide share the first one's number.
      guard at - numbered > 16 else { continue }
      numbered = at
      drawn += "<text class=\"n\" x=\"\(at)\" y=\"\(LineChart.bottom + 12)\">\(mark.number)</text>"
    }
    return drawn
  }

  private func limitLine(_ most: Double) -> HTML {
    guard let limit, limit <= most else { return .empty }
    let (at, right) = (y(limit, of: most), x(span.upperBound))
    return """
      <line class="l" x1="\(x(span.lowerBound))" x2="\(right)" y1="\(at)" y2="\(at)"/>\
      <text class="k" x="\(right + 3)" y="\(at + 4)">\(limitIsLeast ? "≥" : "≤") \(LineChart.text(limit))</text>
      """
  }

  private func label(_ value: Double, of most: Double) -> HTML {
    "<text class=\"k\" x=\"0\" y=\"\(y(value, of: most) + 4)\">\(LineChart.text(value))</text>"
  }

  /// Runs of measured points as polylines; a single point becomes a short dash.
  private func runs(_ most: Double) -> [String] {
    var runs: [[String]] = [[]]
    for point in points where span.contains(point.at) {
      guard let value = point.value else {
        runs.append([])
        continue
      }
      runs[runs.count - 1].append("\(x(point.at)),\(y(value, of: most))")
    }
    return runs.filter { !$0.isEmpty }.map { $0.count == 1 ? "\($0[0]) \($0[0])" : $0.joined(separator: " ") }
  }

  private func x(_ at: Double) -> Double {
    let length = max(span.upperBound - span.lowerBound, 1e-9)
    return LineChart.rounded(LineChart.left + (at - span.lowerBound) / length * LineChart.width)
  }

  private func y(_ value: Double, of most: Double) -> Double {
    LineChart.rounded(LineChart.top + LineChart.height * (1 - min(1, max(0, value / most))))
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  /// Three digits at most behind the point.
  static func text(_ value: Double) -> String {
    let thousandths = Int64(clamping: Int((min(1e12, max(-1e12, value)) * 1000).rounded()))
    let (whole, part) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    var digits = String(part + 1000).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return (thousandths < 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : ".\(digits)")
  }
}

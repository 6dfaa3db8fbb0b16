/// A small line chart as SVG: a figure over time, its limit drawn in, events as numbered marks on the same axis. Prints in black and white.
struct LineChart {
  var title: String
  var unit: String
  /// Seconds on the time axis, and the value; nil where nothing was measured, which leaves a hole in the line.
  var points: [(at: Double, value: Double?)]
  var limit: Double?
  /// Whether the value must stay above the limit.
  var limitIsLeast = false
  var span: ClosedRange<Double>
  var marks: [(at: Double, number: Int)]

  private static let (width, height, left, top) = (900.0, 110.0, 56.0, 24.0)

  var svg: String {
    let values = points.compactMap(\.value)
    let top = max(values.max() ?? 0, (limit ?? 0) * 1.25, 1e-9)
    var out =
      "<svg viewBox=\"0 0 \(Int(LineChart.width + 120)) \(Int(LineChart.height + 54))\" role=\"img\" aria-label=\"\(HTMLText.escaped(title))\">"
    out += "<text class=\"t\" x=\"0\" y=\"11\">\(HTMLText.escaped(title))(\(HTMLText.escaped(unit)))</text>"
    out += "<rect class=\"f\" x=\"\(x(span.lowerBound))\" y=\"\(LineChart.top)\" width=\"\(LineChart.width)\" height=\"\(LineChart.height)\"/>"
    out += label(top, of: top) + label(0, of: top)
    var numbered = -Double.infinity
    for mark in marks where span.contains(mark.at) {
      out += "<line class=\"m\" x1=\"\(x(mark.at))\" x2=\"\(x(mark.at))\" y1=\"\(LineChart.top)\" y2=\"\(LineChart.top + LineChart.height)\"/>"
      guard x(mark.at) - numbered > 16 else { continue }  // marks that coincide share the first one's number
      numbered = x(mark.at)
      out += "<text class=\"n\" x=\"\(x(mark.at))\" y=\"\(LineChart.top + LineChart.height + 12)\">\(mark.number)</text>"
    }
    if let limit, limit <= top {
      let at = y(limit, of: top)
      out += "<line class=\"l\" x1=\"\(x(span.lowerBound))\" x2=\"\(x(span.upperBound))\" y1=\"\(at)\" y2=\"\(at)\"/>"
      out += "<text class=\"k\" x=\"\(x(span.upperBound) + 3)\" y=\"\(at + 4)\">\(limitIsLeast ? "≥" : "≤") \(LineChart.text(limit))</text>"
    }
    for line in lines(top) { out += "<polyline class=\"p\" points=\"\(line)\"/>" }
    let seconds = "\(LineChart.text(span.lowerBound)) … \(LineChart.text(span.upperBound)) s"
    return out + "<text class=\"k\" x=\"\(LineChart.left)\" y=\"\(LineChart.top + LineChart.height + 26)\">\(seconds)</text></svg>"
  }

  private func label(_ value: Double, of top: Double) -> String {
    "<text class=\"k\" x=\"0\" y=\"\(y(value, of: top) + 4)\">\(LineChart.text(value))</text>"
  }

  /// Runs of measured points as polylines; a single point becomes a short dash.
  private func lines(_ top: Double) -> [String] {
    var lines: [[String]] = [[]]
    for point in points where span.contains(point.at) {
      guard let value = point.value else {
        lines.append([])
        continue
      }
      lines[lines.count - 1].append("\(x(point.at)),\(y(value, of: top))")
    }
    return lines.filter { !$0.isEmpty }.map { $0.count == 1 ? "\($0[0]) \($0[0])" : $0.joined(separator: " ") }
  }

  private func x(_ at: Double) -> Double {
    let length = max(span.upperBound - span.lowerBound, 1e-9)
    return LineChart.rounded(LineChart.left + (at - span.lowerBound) / length * LineChart.width)
  }

  private func y(_ value: Double, of top: Double) -> Double {
    LineChart.rounded(LineChart.top + LineChart.height * (1 - min(1, max(0, value / top))))
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
